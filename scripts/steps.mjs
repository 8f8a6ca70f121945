// What the other scripts share. Node's own modules only: these scripts run before anything is installed.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout, as an absolute path without a trailing slash. */
export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/[/\\]$/, '')

const windows = process.platform === 'win32'

/** The folder of a package's dist/ that holds what the bundle of the command is split into. */
export const CHUNKS = 'chunks'

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

/**
 * Compiles what changed, bundles the command, and removes what no longer has a source: tsc leaves it, and npm would
 * publish it.
 */
export function build(options = {}) {
  for (const name of readdirSync(join(root, 'packages'))) prune(join(root, 'packages', name))
  return (
    tool('typescript/bin/tsc', ['-b'], options) || step(process.execPath, ['scripts/bundle.mjs'], options)
  )
}

function prune(folder) {
  const dist = join(folder, 'dist')
  if (!existsSync(dist)) return
  for (const path of readdirSync(dist, { recursive: true })) {
    if (dirname(path) === CHUNKS) continue
    const stem = /^(.*?)(?:\.d\.ts|\.js)(?:\.map)?$/.exec(path)?.[1]
    if (stem !== undefined && !existsSync(join(folder, 'src', `${stem}.ts`))) rmSync(join(dist, path))
  }
}
