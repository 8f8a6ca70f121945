import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, constants, openSync } from 'node:fs'
import { Socket } from 'node:net'
import type { Duplex, Readable } from 'node:stream'
import { CooperageError, hasErrno } from '@cooperage/store'
import type { RunContainerOptions } from './executor.js'
import { TOOL_PATH } from './host-tools.js'
import { BOOTSTRAP, initProgram } from './init/init-program.js'
import { encodeRequest, type InitRequest, type Operation } from './init/operation.js'
import { isKnownArch } from './seccomp/syscall-numbers.js'
import { errnoName, startFailure } from './start-failure.js'
import { stopContainer } from './stop-container.js'

export interface LaunchOptions extends Omit<RunContainerOptions, 'scratch'> {
  readonly perl: string
  readonly request: InitRequest
  /** PID namespaces between this process and the container. */
  readonly depth: number
}

export interface LaunchEnd {
  /** As wait(2) tells how what the container's process became has ended. */
  readonly status: number
  /** What was in the file that `report` of the request names. */
  readonly report?: string
}

/** Kept of what the helpers say for themselves. */
const WORDS_LIMIT = 4096

/**
 * Runs a request of init-program.ts to its end. Nothing of it lives when this settles; when this process is killed,
 * all of it is. To be called on the main thread, or on one that lives as long: what a thread started goes with it.
 * @throws E_RUN_START, E_SANDBOX, the abort reason, what `onOutput` throws
 */
export async function launch(options: LaunchOptions): Promise<LaunchEnd> {
  const { signal } = options
  signal.throwIfAborted()
  const child = start(options)
  const control = child.stdio[3] as Duplex
  const messages = new Messages(control, (numbers) => run.read(numbers))
  let words = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    if (words.length < WORDS_LIMIT) words += chunk.toString('utf8')
  })
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', () => resolve())
  })
  const abandon = (): void => void control.destroy()
  const run = new Output(child, { control, abandon, onOutput: options.onOutput })
  const stop = (): void => {
    if (child.pid === undefined) return
    stopping = stopContainer({ pid: child.pid, depth: options.depth, ended, abandon })
    stopping.catch(abandon)
  }
  let stopping: Promise<void> | undefined
  signal.addEventListener('abort', stop, { once: true })
  try {
    await ended
    await stopping
    await run.finished()
  } catch (error) {
    throw child.pid === undefined ? noHelper(options.perl, error) : error
  } finally {
    signal.removeEventListener('abort', stop)
    control.destroy()
  }
  signal.throwIfAborted()
  return messages.end(words.trim(), run.failure)
}

function start({ perl, request, depth, interactive = false }: LaunchOptions): ChildProcess {
  if (!isKnownArch(process.arch)) throw new TypeError(`no table of system calls for ${process.arch}`)
  const child = spawn(perl, ['-f', '-e', BOOTSTRAP, 'cooper-run'], {
    cwd: '/',
    env: { PATH: TOOL_PATH },
    // A session of its own: Ctrl-C at a terminal is ours to hear, and the container has no terminal.
    detached: !interactive,
    stdio: interactive ? ['inherit', 'inherit', 'inherit', 'pipe'] : ['ignore', 'ignore', 'pipe', 'pipe'],
  })
  const control = child.stdio[3] as Duplex
  // EPIPE: it ended already, and says why in the other direction.
  control.on('error', () => {})
  const first: Operation[] = [
    ...(interactive ? [] : [['pipes'] as const]),
    // Without a PID namespace, it has to live on until it has ended all the others.
    ...(depth === 0 ? [] : [['parent', process.pid] as const]),
    ...request.first,
  ]
  control.write(encodeRequest(initProgram(process.arch), { ...request, first }))
  if (interactive) control.write('g')
  return child
}

/** The lines in which the helper tells what happened. */
class Messages {
  #rest = ''
  #failure: CooperageError | undefined
  #status: number | undefined
  #report: string | undefined

  constructor(control: Readable, onPipes: (numbers: readonly [string, string]) => void) {
    control.on('data', (chunk: Buffer) => {
      const lines = (this.#rest + chunk.toString('utf8')).split('\n')
      this.#rest = lines.pop() ?? ''
      for (const line of lines) {
        const [kind, first = '', second = ''] = line.split('\t')
        if (kind === 'pipes') onPipes([first, second])
        else this.#take(kind, first, second)
      }
    })
  }

  #take(kind: string | undefined, first: string, second: string): void {
    if (kind === 'end') this.#status ??= Number(first)
    else if (kind === 'report') this.#report = Buffer.from(first, 'hex').toString('utf8')
    else if (kind === 'start') this.#failure ??= startFailure(second, errnoName(Number(first)))
    else if (kind === 'fail') this.#failure ??= sandboxFailure(second, errnoName(Number(first)))
  }

  end(words: string, unread: unknown): LaunchEnd {
    if (this.#failure) throw withWords(this.#failure, words)
    if (unread !== undefined) throw unread
    if (this.#status === undefined) throw withWords(sandboxFailure('its helper was killed', 'ESRCH'), words)
    return { status: this.#status, ...(this.#report === undefined ? {} : { report: this.#report }) }
  }
}

interface OutputOptions {
  readonly control: Duplex
  readonly abandon: () => void
  readonly onOutput: RunContainerOptions['onOutput']
}

/** The two pipes of the container's output, read as fast as they are taken. */
class Output {
  readonly #child: ChildProcess
  readonly #options: OutputOptions
  readonly #streams: Promise<void>[] = []
  /** Why there is no output to read. The helper may have ended already, and has said more. */
  failure: unknown

  constructor(child: ChildProcess, options: OutputOptions) {
    this.#child = child
    this.#options = options
  }

  /**
   * Node gives its children sockets for pipes, and a socket cannot be opened by name: `> /dev/stdout` would fail. So
   * the helper makes real pipes, and this opens their other ends.
   */
  read(numbers: readonly [string, string]): void {
    const { control, abandon } = this.#options
    const fds: number[] = []
    try {
      for (const number of numbers) {
        fds.push(openSync(`/proc/${this.#child.pid}/fd/${number}`, constants.O_RDONLY | constants.O_NONBLOCK))
      }
    } catch (error) {
      for (const fd of fds) closeSync(fd)
      this.failure = error
      // A helper that has ended needs no end, and its last words may still be on their way.
      if (!hasErrno(error, 'ENOENT', 'ESRCH')) abandon()
      return
    }
    ;(['stdout', 'stderr'] as const).forEach((name, index) => {
      const pumped = this.#pump(new Socket({ fd: fds[index]!, readable: true, writable: false }), name)
      pumped.catch(abandon)
      this.#streams.push(pumped)
    })
    control.write('g')
  }

  async finished(): Promise<void> {
    await Promise.all(this.#streams)
  }

  async #pump(socket: Socket, name: 'stdout' | 'stderr'): Promise<void> {
    for await (const chunk of socket as AsyncIterable<Uint8Array>) await this.#options.onOutput(name, chunk)
  }
}

function sandboxFailure(what: string, errno: string): CooperageError {
  return new CooperageError('E_SANDBOX', `the container cannot be made: ${what} (${errno})`, {
    category: 'sandbox',
    hint: 'see what `cooper doctor` says of this machine',
    data: { what, errno },
  })
}

function withWords(error: CooperageError, words: string): CooperageError {
  if (words === '' || error.code !== 'E_SANDBOX') return error
  const { category, hint, data } = error
  return new CooperageError(error.code, `${error.message}: ${words}`, {
    category,
    ...(hint === undefined ? {} : { hint }),
    data: { ...data, words },
  })
}

function noHelper(perl: string, cause: unknown): CooperageError {
  return new CooperageError('E_SANDBOX', `cannot run ${perl}`, {
    category: 'sandbox',
    hint: 'install perl (perl-base on Debian)',
    cause,
  })
}
