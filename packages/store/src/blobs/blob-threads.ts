import { Worker } from 'node:worker_threads'
import { CooperageError } from '../errors.js'
import { blobThreadSource, type ThreadOrder, type ThreadReport } from './blob-thread.js'

/** A thread for the time of one job. */
export interface BlobThread {
  send(order: ThreadOrder, transfer?: ArrayBuffer[]): void
  /** Called with every report of the job; one `failed` report also stands for the end of the thread itself. */
  onReport: (report: ThreadReport) => void
}

/** Idle threads are kept, for a start takes some 30 ms; they never keep the process alive. */
const IDLE_AT_MOST = 2

/** The threads that hash blobs beside their reading and writing. */
export class BlobThreads implements AsyncDisposable {
  readonly #idle: PooledThread[] = []
  #disposed = false

  acquire(): BlobThread {
    const thread = this.#idle.pop() ?? new PooledThread()
    thread.worker.ref()
    return thread
  }

  /** Only after the last report of the job. */
  release(thread: BlobThread): void {
    const pooled = thread as PooledThread
    pooled.onReport = () => {}
    pooled.worker.unref()
    if (pooled.ended) return
    if (this.#disposed || this.#idle.length >= IDLE_AT_MOST) void pooled.worker.terminate()
    else this.#idle.push(pooled)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true
    await Promise.all(this.#idle.splice(0).map((thread) => thread.worker.terminate()))
  }
}

class PooledThread implements BlobThread {
  readonly worker: Worker
  onReport: (report: ThreadReport) => void = () => {}
  ended = false

  constructor() {
    this.worker = new Worker(blobThreadSource(), {
      eval: true,
      name: 'cooperage-blobs',
      // Loaders and other options of the program are not ours to run a second time.
      execArgv: [],
      env: {},
    })
    this.worker.on('message', (report: ThreadReport) => this.onReport(report))
    this.worker.on('error', (error) => this.#end(error.message))
    this.worker.on('exit', (code) => this.#end(`ended with ${code}`))
  }

  send(order: ThreadOrder, transfer?: ArrayBuffer[]): void {
    this.worker.postMessage(order, transfer)
  }

  #end(message: string): void {
    if (this.ended) return
    this.ended = true
    this.onReport({
      op: 'failed',
      message: `the thread of the store: ${message}`,
      code: '',
      errno: 0,
      syscall: '',
    })
    this.onReport({ op: 'abandoned' })
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
