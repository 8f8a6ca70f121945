import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

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
}

/** Starts `cooper` with no more of this environment than PATH and TMPDIR. */
export function start(args: readonly string[], options: RunOptions = {}): ChildProcess {
  if (!existsSync(COOPER)) throw new Error(`${COOPER} is missing: npm run build`)
  const { PATH, TMPDIR } = process.env
  return spawn(process.execPath, [COOPER, ...args], {
    cwd: options.cwd ?? process.cwd(),
    env: { PATH, ...(TMPDIR === undefined ? {} : { TMPDIR }), ...options.env },
    stdio: 'pipe',
  })
}

/** Runs `cooper` to its end. */
export function cooper(args: readonly string[], options: RunOptions = {}): Promise<Run> {
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
