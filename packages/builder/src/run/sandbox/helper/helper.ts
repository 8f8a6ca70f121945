import { type ChildProcess, spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { CooperageError } from '@cooperage/store'
import { removeGroup } from '../cgroups.js'
import { makeDeviceGroup } from '../device-group.js'
import { TOOL_PATH } from '../host-tools.js'
import { BOOTSTRAP, initProgram } from '../init/init-program.js'
import { encodeProgram } from '../init/operation.js'
import { NO_MORE } from '../init/perl-server.js'
import type { KnownArch } from '../seccomp/syscall-numbers.js'
import { openHelperPipes } from './helper-pipes.js'
import type { InitProcess } from './init-process.js'
import { type SpareProcess, spareProcess } from './spare-process.js'

/** Milliseconds without work after which it ends: longer than what lies between two steps. */
const IDLE = 500
/** Milliseconds that its end is waited for: it takes a few. */
const PATIENCE = 1000

interface Waiting {
  resolve(process: InitProcess): void
  reject(error: unknown): void
}

const helpers = new Map<string, Helper>()

export interface HelperKind {
  readonly perl: string
  readonly arch: KnownArch
  /** What it makes opens only the devices that every container has. Default false. */
  readonly guardsDevices?: boolean
}

/** The helper of this thread that is of this kind. It starts when it is needed, and ends by itself. @throws E_SANDBOX */
export function helperOf(kind: HelperKind): Helper {
  const key = `${kind.guardsDevices === true} ${kind.perl}`
  let helper = helpers.get(key)
  if (helper === undefined || helper.isOver) {
    helper = new Helper(kind)
    helpers.set(key, helper)
  }
  return helper
}

/**
 * Ends the helpers of this thread that nobody uses, and waits for that. Where the first process reaps no orphans, as in
 * many containers, one that outlives this process would stay as a zombie.
 */
export async function endHelpers(): Promise<void> {
  await Promise.all([...helpers.values()].map((helper) => helper.end()))
}

/**
 * A process that makes the processes for requests of init-program.ts: it is small, and copied in less time than this
 * one. It ends with the thread that started it, and all that it made ends with it.
 */
export class Helper {
  readonly #child: ChildProcess
  readonly #control: Socket
  readonly #waiting = new Map<number, Waiting>()
  readonly #living = new Map<number, (status: number | undefined) => void>()
  #spare: Promise<SpareProcess | undefined> | undefined
  #count = 0
  #uses = 0
  #rest = ''
  #words = ''
  #timer: NodeJS.Timeout | undefined
  isOver = false

  constructor({ perl, arch, guardsDevices = false }: HelperKind) {
    const group = guardsDevices ? makeDeviceGroup() : undefined
    if (guardsDevices && group === undefined) throw helperDied('no control group for devices can be made')
    this.#child = spawn(perl, ['-f', '-e', BOOTSTRAP, 'cooper-run'], {
      cwd: '/',
      env: { PATH: TOOL_PATH },
      // A session of its own: Ctrl-C at a terminal is ours to hear, and the container has no terminal.
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    })
    this.#control = this.#child.stdio[3] as Socket
    // EPIPE: it has ended, which its own event tells.
    this.#control.on('error', () => {})
    this.#control.on('data', (chunk: Buffer) => this.#hear(chunk))
    this.#child.stderr!.on('data', (chunk: Buffer) => {
      this.#words = (this.#words + chunk.toString('utf8')).slice(-4096)
    })
    this.#child.once('error', (cause) => {
      if (group !== undefined) removeGroup(group.directory)
      this.#over(noPerl(perl, cause))
    })
    this.#child.once('close', () => this.#over(helperDied(this.#words)))
    this.#control.write(
      encodeProgram(initProgram(arch, { mode: 'serve', builder: process.pid, ...(group && { group }) })),
    )
    this.#idle()
  }

  /** A process for one request, and what is to be called when it has ended. @throws E_SANDBOX */
  async process(): Promise<InitProcess & { readonly release: () => void }> {
    this.#uses++
    this.#busy()
    const release = (): void => {
      this.#uses--
      if (this.#uses === 0) this.#idle()
    }
    try {
      const spare = this.#spare
      this.#spare = undefined
      const process = (await spare)?.take() ?? (await this.#make())
      // Made while this one works: what asks for the next one waits for nothing but its own work.
      setImmediate(() => this.#prepare())
      return { ...process, release }
    } catch (error) {
      release()
      throw error
    }
  }

  #make(): Promise<InitProcess> {
    return new Promise((resolve, reject) => {
      const id = this.#count++
      this.#waiting.set(id, { resolve, reject })
      this.#control.write(encoded(id))
    })
  }

  #prepare(): void {
    if (this.#uses === 0 || this.isOver || this.#spare !== undefined) return
    this.#spare = this.#make().then(spareProcess, () => undefined)
  }

  /** Ends it unless somebody uses it. */
  async end(): Promise<void> {
    const { pid, exitCode, signalCode } = this.#child
    if (this.#uses > 0 || pid === undefined || exitCode !== null || signalCode !== null) return
    const over = new AbortController()
    this.#child.once('exit', () => over.abort())
    this.#busy()
    this.#end()
    await sleep(PATIENCE, undefined, { signal: over.signal }).catch(() => {})
  }

  #hear(chunk: Buffer): void {
    const lines = (this.#rest + chunk.toString('latin1')).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) {
      const [kind, id, first, ...numbers] = line.split('\t')
      if (kind === 'gone') {
        this.#gone(Number(id), Number(first))
        continue
      }
      const waiting = this.#waiting.get(Number(id))
      this.#waiting.delete(Number(id))
      if (kind !== 'child') waiting?.reject(helperDied(`no process (errno ${first})`))
      else waiting && this.#open(waiting, { id: Number(id), pid: Number(first), numbers })
    }
  }

  #open(
    { resolve, reject }: Waiting,
    { id, pid, numbers }: { readonly id: number; readonly pid: number; readonly numbers: readonly string[] },
  ): void {
    try {
      const process = openHelperPipes(pid, numbers)
      if (process === undefined) throw helperDied('it ended at once')
      process.requests.write('o')
      const gone = new Promise<number | undefined>((end) => this.#living.set(id, end))
      resolve({ ...process, gone })
    } catch (error) {
      reject(error)
    }
  }

  #gone(id: number, status?: number): void {
    this.#living.get(id)?.(status)
    this.#living.delete(id)
  }

  /** It keeps this process from ending only while there is work, and ends some time after the last. */
  #idle(): void {
    this.#child.unref()
    this.#control.unref()
    ;(this.#child.stderr as Socket).unref()
    this.#timer = setTimeout(() => this.#end(), IDLE).unref()
  }

  #busy(): void {
    clearTimeout(this.#timer)
    this.#child.ref()
    this.#control.ref()
  }

  #end(): void {
    this.isOver = true
    void this.#spare?.then((spare) => spare?.giveUp())
    this.#spare = undefined
    this.#control.end(encoded(NO_MORE))
  }

  #over(error: CooperageError): void {
    this.isOver = true
    clearTimeout(this.#timer)
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
    for (const id of [...this.#living.keys()]) this.#gone(id)
  }
}

function encoded(number: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(number)
  return bytes
}

function helperDied(words: string): CooperageError {
  const said = words.trim()
  return new CooperageError(
    'E_SANDBOX',
    `the helper of RUN steps has ended${said === '' ? '' : `: ${said}`}`,
    {
      category: 'sandbox',
      hint: 'see what `cooper doctor` says of this machine',
      data: { words: said },
    },
  )
}

function noPerl(perl: string, cause: unknown): CooperageError {
  return new CooperageError('E_SANDBOX', `cannot run ${perl}`, {
    category: 'sandbox',
    hint: 'install perl (perl-base on Debian)',
    cause,
  })
}
