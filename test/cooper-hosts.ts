import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Run } from './cooper.js'

const PROGRAM = fileURLToPath(new URL('cooper-host.mjs', import.meta.url))

interface Host {
  readonly child: ChildProcess
  /** Rejects when it ends, which it does not before this process. */
  readonly death: Promise<never>
}

/** Those that wait for a command line; who finds none starts one more. */
const idle: Host[] = []

/** Runs a command line in a process that runs many; `env` is all of its environment. */
export async function runInHost(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): Promise<Run> {
  const host = idle.pop() ?? (await startHost())
  const { child, death } = host
  child.ref()
  child.channel!.ref()
  child.send({ args, env, cwd })
  const [{ code, stdout, stderr }] = await Promise.race([once(child, 'message'), death])
  // A test file does not wait for it at its end.
  child.unref()
  child.channel!.unref()
  idle.push(host)
  const bytes = Buffer.from(stdout)
  return { code, signal: null, stdout: bytes.toString(), stderr: Buffer.from(stderr).toString(), bytes }
}

async function startHost(): Promise<Host> {
  const child = fork(PROGRAM, {
    env: { PATH: process.env.PATH },
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const death = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`the process that runs command lines has ended with ${code ?? signal}`)
  })
  death.catch(() => {})
  await Promise.race([once(child, 'message'), death])
  return { child, death }
}
