import type { Digest } from '../digest.js'
import type { ThreadReport } from './blob-thread.js'
import { type BlobThreads, reportedError } from './blob-threads.js'
import type { Passed } from './verified-read.js'

export interface ThreadedChunksOptions {
  readonly threads: BlobThreads
  readonly fd: number
  /** In bytes; what the file has beyond is not read. */
  readonly size: number
  readonly algorithm: 'sha256' | 'sha512'
}

const CHUNK = 1 << 20
/** Chunks that are read ahead of the consumer. */
const AHEAD = 4

/** Reads and hashes ahead on another thread. Every chunk has a buffer of its own and is the consumer's for good. */
export async function* threadedChunks(options: ThreadedChunksOptions): AsyncGenerator<Uint8Array, Passed> {
  const { threads, fd, size, algorithm } = options
  const thread = threads.acquire()
  const reports: ThreadReport[] = []
  let wake = (): void => {}
  thread.onReport = (report) => {
    reports.push(report)
    wake()
  }
  const next = async (): Promise<ThreadReport> => {
    if (reports.length === 0) await new Promise<void>((resolve) => (wake = resolve))
    return reports.shift()!
  }
  let ended = false
  try {
    thread.send({ op: 'read', fd, size, algorithm })
    // Made on this side: only what a thread allocates itself moves it to collect its garbage in time.
    const more = (): void => {
      const { buffer } = Buffer.allocUnsafeSlow(CHUNK)
      thread.send({ op: 'more', buffer: buffer as ArrayBuffer }, [buffer as ArrayBuffer])
    }
    for (let count = 0; count < AHEAD; count++) more()
    for (;;) {
      const report = await next()
      if (report.op === 'chunk') {
        yield new Uint8Array(report.buffer, 0, report.length)
        more()
      } else if (report.op === 'end') {
        ended = true
        return { digest: `${algorithm}:${report.hex}` as Digest, size: report.size }
      } else if (report.op === 'failed') {
        throw reportedError(report)
      }
    }
  } finally {
    // The descriptor is closed next: the thread must have let go of it.
    if (!ended) {
      thread.send({ op: 'abandon' })
      while ((await next()).op !== 'abandoned');
    }
    threads.release(thread)
  }
}
