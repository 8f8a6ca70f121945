import type { Readable } from 'node:stream'
import { CooperageError } from '@cooperage/store'
import type { RunContainerOptions } from './executor.js'
import { helperOf } from './helper/helper.js'
import type { InitProcess } from './helper/init-process.js'
import { interactiveProcess } from './helper/interactive-process.js'
import { encodeRequest, type InitRequest, type Operation } from './init/operation.js'
import { isKnownArch } from './seccomp/syscall-numbers.js'
import { errnoName, startFailure } from './start-failure.js'
import { stopContainer } from './stop-container.js'

export interface LaunchOptions extends Omit<RunContainerOptions, 'scratch'> {
  readonly perl: string
  /** The container opens only the devices that every container has. Default false. */
  readonly guardsDevices?: boolean
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
  const { signal, request, depth, onOutput } = options
  signal.throwIfAborted()
  const { release, ...process } = await start(options)
  const { pid, requests, messages, outputs, gone } = process
  try {
    const report = new Messages(messages)
    const words = gather(process.words)
    const ended = Promise.all([closed(messages), gone])
    const abandon = (): void => void requests.destroy()
    let stopping: Promise<void> | undefined
    const stop = (): void => {
      stopping = stopContainer({ pid, depth, ended, abandon })
      stopping.catch(abandon)
    }
    // EPIPE: it ended already, and says why in the other direction.
    requests.on('error', () => {})
    const first: Operation[] = depth === 0 ? [['outlive'], ...request.first] : [...request.first]
    requests.write(encodeRequest({ ...request, first }))
    requests.write('g')
    const pumped = (['stdout', 'stderr'] as const).map(async (name) => {
      if (outputs === undefined) return
      for await (const chunk of outputs[name] as AsyncIterable<Uint8Array>) await onOutput(name, chunk)
    })
    for (const one of pumped) one.catch(abandon)
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    try {
      await ended
      await stopping
      await Promise.all(pumped)
    } finally {
      signal.removeEventListener('abort', stop)
    }
    signal.throwIfAborted()
    return report.end((await words).trim())
  } finally {
    requests.destroy()
    release()
  }
}

async function start({
  perl,
  signal,
  guardsDevices = false,
  interactive = false,
}: LaunchOptions): Promise<InitProcess & { readonly release: () => void }> {
  if (!isKnownArch(process.arch)) throw new TypeError(`no table of system calls for ${process.arch}`)
  if (!interactive) return helperOf({ perl, arch: process.arch, guardsDevices }).process()
  signal.throwIfAborted()
  return { ...(await interactiveProcess(perl, process.arch)), release: () => {} }
}

function closed(stream: Readable): Promise<void> {
  return new Promise((resolve) => {
    stream.once('close', () => resolve())
    stream.on('error', () => {})
  })
}

async function gather(stream: Readable): Promise<string> {
  let words = ''
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (words.length < WORDS_LIMIT) words += chunk.toString('utf8')
  }
  return words
}

/** The lines in which the helper tells what happened. */
class Messages {
  #rest = ''
  #failure: CooperageError | undefined
  #status: number | undefined
  #report: string | undefined

  constructor(stream: Readable) {
    stream.on('data', (chunk: Buffer) => {
      const lines = (this.#rest + chunk.toString('utf8')).split('\n')
      this.#rest = lines.pop() ?? ''
      for (const line of lines) this.#take(line.split('\t'))
    })
  }

  #take([kind, first = '', second = '']: string[]): void {
    if (kind === 'end') this.#status ??= Number(first)
    else if (kind === 'report') this.#report = Buffer.from(first, 'hex').toString('utf8')
    else if (kind === 'start') this.#failure ??= startFailure(second, errnoName(Number(first)))
    else if (kind === 'fail') this.#failure ??= sandboxFailure(second, errnoName(Number(first)))
  }

  end(words: string): LaunchEnd {
    if (this.#failure) throw withWords(this.#failure, words)
    if (this.#status === undefined) throw withWords(sandboxFailure('its helper was killed', 'ESRCH'), words)
    return { status: this.#status, ...(this.#report === undefined ? {} : { report: this.#report }) }
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
