import { availableParallelism } from 'node:os'
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import { CooperageError } from '../errors.js'
import { blobThreadSource, type ThreadOrder, type ThreadReport } from './blob-thread.js'

/** What is done on a thread for one blob. */
export interface BlobThread {
  send(order: ThreadOrder, transfer?: ArrayBuffer[]): void
  /** Called with every report of the job; one `failed` report also stands for the end of the thread itself. */
  onReport: (report: ThreadReport) => void
}

/**
 * One thread hashes some 2 GB a second, more than most disks and networks bring, and its start costs as much as 50 MB:
 * another is worth it only where a processor has nothing else to do.
 */
const MOST = Math.max(1, Math.min(4, availableParallelism() - 1))

/**
 * Whether a thread is worth it for what comes from, or goes to, somebody else. One processor reads or writes the
 * connection; on a machine of two the other one has the rest of that to do, and a thread only takes it away.
 */
export const THREADS_BESIDE_TRANSFERS: boolean = availableParallelism() > 2

/** The threads that hash blobs beside their reading and writing. They are kept, and never keep the process alive. */
export class BlobThreads implements AsyncDisposable {
  readonly #threads = new Set<Thread>()
  #disposed = false

  /** Starts one, so that it is there when it is needed. Idempotent. */
  prepare(): void {
    if (this.#threads.size === 0 && !this.#disposed) this.#threads.add(new Thread())
  }

  acquire(): BlobThread {
    for (const thread of this.#threads) if (thread.ended) this.#threads.delete(thread)
    let chosen: Thread | undefined
    for (const thread of this.#threads) if (chosen === undefined || thread.jobs < chosen.jobs) chosen = thread
    if (chosen === undefined || (chosen.jobs > 0 && this.#threads.size < MOST)) {
      chosen = new Thread()
      this.#threads.add(chosen)
    }
    return chosen.job()
  }

  /** Only after the last report of the job. */
  release(job: BlobThread): void {
    const { thread } = job as Job
    ;(job as Job).close()
    if (this.#disposed && thread.jobs === 0) void thread.terminate()
  }

  /** Jobs that are under way are done to their end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true
    const idle = [...this.#threads].filter(({ jobs }) => jobs === 0)
    await Promise.all(idle.map((thread) => thread.terminate()))
  }
}

class Thread {
  readonly #worker: Worker
  readonly #jobs = new Set<Job>()
  ended = false

  constructor() {
    this.#worker = new Worker(blobThreadSource(), {
      eval: true,
      name: 'cooperage-blobs',
      // Loaders and other options of the program are not ours to run a second time.
      execArgv: [],
      env: {},
    })
    this.#worker.unref()
    this.#worker.on('error', (error) => this.#end(error.message))
    this.#worker.on('exit', (code) => this.#end(`ended with ${code}`))
  }

  get jobs(): number {
    return this.#jobs.size
  }

  job(): Job {
    const { port1, port2 } = new MessageChannel()
    this.#worker.postMessage(port2, [port2])
    this.#worker.ref()
    const job: Job = new Job(this, port1)
    this.#jobs.add(job)
    return job
  }

  forget(job: Job): void {
    this.#jobs.delete(job)
    if (this.#jobs.size === 0) this.#worker.unref()
  }

  terminate(): Promise<number> {
    return this.#worker.terminate()
  }

  #end(message: string): void {
    if (this.ended) return
    this.ended = true
    for (const job of [...this.#jobs]) job.lost(message)
  }
}

class Job implements BlobThread {
  readonly thread: Thread
  readonly #port: MessagePort
  onReport: (report: ThreadReport) => void = () => {}

  constructor(thread: Thread, port: MessagePort) {
    this.thread = thread
    this.#port = port
    port.on('message', (report: ThreadReport) => this.onReport(report))
  }

  send(order: ThreadOrder, transfer?: ArrayBuffer[]): void {
    this.#port.postMessage(order, transfer)
  }

  lost(message: string): void {
    const what = { message: `the thread of the store: ${message}`, code: '', errno: 0, syscall: '' }
    this.onReport({ op: 'failed', ...what })
    this.onReport({ op: 'abandoned' })
  }

  /** Idempotent. */
  close(): void {
    this.onReport = () => {}
    this.#port.close()
    this.thread.forget(this)
  }
}

/** The error behind a `failed` report: that of Node where there was one. */
export function reportedError(report: ThreadReport & { readonly op: 'failed' }): Error {
  if (report.code === '') {
    return new CooperageError('E_STORE_THREAD', report.message, { category: 'internal' })
  }
  return Object.assign(new Error(report.message), {
    code: report.code,
    errno: report.errno,
    syscall: report.syscall,
  })
}
