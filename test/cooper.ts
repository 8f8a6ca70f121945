import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { runInHost } from './cooper-hosts.js'

/** The command as it is published; `npm test` builds it first. */
const COOPER = fileURLToPath(new URL('../packages/cli/dist/bin.js', import.meta.url))

export interface Run {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  readonly bytes: Buffer
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly cwd?: string
  readonly stdin?: string | Uint8Array
  /** A process for this line alone, as a shell starts one. Default: only where it makes a difference to Node. */
  readonly alone?: boolean
}

/** Starts `cooper` with no more of this environment than PATH and TMPDIR. */
export function start(args: readonly string[], options: RunOptions = {}): ChildProcess {
  if (!existsSync(COOPER)) throw new Error(`${COOPER} is missing: npm run build`)
  return spawn(process.execPath, [COOPER, ...args], {
    cwd: options.cwd ?? process.cwd(),
    env: environmentOf(options),
    stdio: 'pipe',
  })
}

function environmentOf({ env }: RunOptions) {
  const { PATH, TMPDIR } = process.env
  return { PATH, ...(TMPDIR === undefined ? {} : { TMPDIR }), ...env }
}

/** What Node reads when it starts. */
const OF_NODE = /^(?:NODE_|SSL_|TZ$|LANG$|LC_)/

/** Runs `cooper` to its end. */
export async function cooper(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  const isAlone =
    options.alone ??
    ((options.stdin ?? '') !== '' || Object.keys(options.env ?? {}).some((name) => OF_NODE.test(name)))
  return isAlone
    ? runAlone(args, options)
    : runInHost(args, environmentOf(options), options.cwd ?? process.cwd())
}

function runAlone(args: readonly string[], options: RunOptions): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = start(args, options)
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout!.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr!.on('data', (chunk: Buffer) => err.push(chunk))
    // A command that does not read its stdin closes it before everything is sent.
    child.stdin!.on('error', () => {})
    child.stdin!.end(options.stdin ?? '')
    child.on('error', reject)
    child.on('close', (code, signal) => {
      const bytes = Buffer.concat(out)
      resolve({ code, signal, stdout: bytes.toString(), stderr: Buffer.concat(err).toString(), bytes })
    })
  })
}
