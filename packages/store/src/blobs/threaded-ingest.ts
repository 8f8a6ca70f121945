import type { Digest } from '../digest.js'
import type { ThreadReport } from './blob-thread.js'
import { type BlobThread, type BlobThreads, reportedError } from './blob-threads.js'
import type { Ingest, NativeIngestOptions } from './ingest.js'

/** Bytes that may be under way to the disk before the caller has to wait. */
const IN_FLIGHT = 4 << 20

export interface ThreadedIngestOptions extends NativeIngestOptions {
  readonly threads: BlobThreads
}

/** Hashes and writes on another thread, so that the caller only reads and frames. */
export class ThreadedIngest implements Ingest {
  readonly #options: ThreadedIngestOptions
  readonly #thread: BlobThread
  #open = true
  #inFlight = 0
  #failure: Error | undefined
  #waiting: (() => void)[] = []
  #digest: Digest | undefined
  #abandoned = false

  constructor(options: ThreadedIngestOptions) {
    this.#options = options
    this.#thread = options.threads.acquire()
    this.#thread.onReport = (report) => this.#take(report)
    const { fd, algorithm, flush, have } = options
    this.#thread.send({ op: 'ingest', fd, algorithm, flush, have })
  }

  push(block: Uint8Array<ArrayBuffer>, recycle: boolean): void {
    if (this.#failure !== undefined) return
    this.#inFlight += block.byteLength
    const { buffer, byteLength: length } = block
    this.#thread.send({ op: 'block', buffer, length, recycle }, [buffer])
  }

  async ready(): Promise<void> {
    while (this.#failure === undefined && this.#inFlight >= IN_FLIGHT) await this.#report()
    if (this.#failure !== undefined) throw this.#failure
  }

  async finish(): Promise<Digest> {
    this.#thread.send({ op: 'finish' })
    while (this.#failure === undefined && this.#digest === undefined) await this.#report()
    if (this.#digest === undefined) throw this.#failure
    this.#close()
    return this.#digest
  }

  async abandon(): Promise<void> {
    if (!this.#open) return
    this.#thread.send({ op: 'abandon' })
    while (!this.#abandoned) await this.#report()
    this.#close()
  }

  #close(): void {
    if (!this.#open) return
    this.#open = false
    this.#options.threads.release(this.#thread)
  }

  #report(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #take(report: ThreadReport): void {
    if (report.op === 'done') {
      this.#inFlight -= report.length
      if (report.buffer !== undefined) this.#options.onSpare(report.buffer)
    } else if (report.op === 'failed') {
      this.#failure = reportedError(report)
    } else if (report.op === 'digest') {
      this.#digest = `${this.#options.algorithm}:${report.hex}` as Digest
    } else if (report.op === 'abandoned') {
      this.#abandoned = true
    }
    for (const resume of this.#waiting.splice(0)) resume()
  }
}
