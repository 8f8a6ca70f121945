import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { sharedPath } from './shared.js'

/** Runs a judge; its output as text. The error of one that fails holds what it wrote to stderr. */
export type Tool = (
  args: readonly string[],
  options?: { readonly input?: Buffer; readonly cwd?: string },
) => string

const isRoot = process.getuid?.() === 0

/** A program of this machine, run as root; undefined (and a printed line) where it is missing. In CI it must be there. */
export function hostTool(name: string): Tool | undefined {
  if (!isInstalled(name)) return absent(name)
  return isRoot ? commandTool([name]) : absent(`${name} as root`)
}

/** Whether a program is there that a test can do without, in CI too. */
export function hasTool(name: string): boolean {
  if (isInstalled(name)) return true
  console.log(`skipped: no ${name}`)
  return false
}

/** Whether a disk of memory can be mounted where only this process and its children see it: not in most containers. */
export function canMount(): boolean {
  try {
    execFileSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'none', '/mnt'], { stdio: 'ignore' })
    return true
  } catch {
    console.log('skipped: nothing can be mounted here')
    return false
  }
}

function isInstalled(name: string): boolean {
  try {
    execFileSync('which', [name], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/**
 * The Docker of another release, with its daemon and BuildKit: a tree of Debian packages that lies in COOPERAGE_RIVALS
 * or in /var/tmp/rivals. It sees the same /tmp. One whose daemon rests is started; one that is missing is absent.
 */
export function rivalDocker(): Tool | undefined {
  const command = rivalCommand()
  return command && commandTool(command)
}

/** The same as a command line to which arguments are added. */
export function rivalCommand(): readonly [string, ...string[]] | undefined {
  const rivals = sharedPath('tools/rivals')
  const directory = process.env.COOPERAGE_RIVALS ?? '/var/tmp/rivals'
  if (rivals === undefined) return undefined
  if (!isRoot || !existsSync(join(directory, 'usr/sbin/dockerd'))) return absent(`docker (${directory})`)
  try {
    execFileSync(rivals, ['up', directory], { stdio: 'ignore', timeout: 60_000 })
  } catch {
    return absent(`a docker daemon (${directory})`)
  }
  return [rivals, 'run', directory, 'docker']
}

/** A command line to which arguments are added, as a judge. */
export function commandTool([command, ...first]: readonly [string, ...string[]]): Tool {
  return (args, { input, cwd } = {}) =>
    execFileSync(command, [...first, ...args], {
      ...(input !== undefined && { input }),
      ...(cwd !== undefined && { cwd }),
      stdio: 'pipe',
      encoding: 'utf8',
      maxBuffer: 64 << 20,
      timeout: 120_000,
    })
}

function absent(name: string): undefined {
  if (process.env.CI === 'true') throw new Error(`${name} is missing: CI needs every judge`)
  console.log(`skipped: no ${name}`)
  return undefined
}
