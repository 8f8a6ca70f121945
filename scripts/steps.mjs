// What the other scripts share. Node's own modules only: these scripts run before anything is installed.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout, as an absolute path without a trailing slash. */
export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/[/\\]$/, '')

const windows = process.platform === 'win32'

/** Runs one command in the checkout with its output passed through; ends the process when it fails. */
export function step(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    shell: windows,
    ...options,
  })
  if (error) throw error
  if (status !== 0 && !options.mayFail) process.exit(status ?? 1)
  return status ?? 1
}

/** Runs a tool that npm installed, with the Node that runs this script. */
export function tool(bin, args, options = {}) {
  return step(process.execPath, [join(root, 'node_modules', bin), ...args], options)
}

/** Installs exactly what the lock file says, unless something is installed already. */
export function install() {
  if (!existsSync(join(root, 'node_modules/.package-lock.json'))) step('npm', ['ci'])
}

export function build() {
  tool('typescript/bin/tsc', ['-b'])
}
