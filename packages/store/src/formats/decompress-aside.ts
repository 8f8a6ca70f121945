import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { type DecompressIntoStoreOptions, decompressIntoStore } from './decompress-into-store.js'

/** Compressed bytes that wait for the decompression, before who brings them has to wait too. */
const WAITING = 4 << 20

/**
 * Decompresses a layer into the store while its blob arrives, from the first byte on. An attempt: whatever goes wrong,
 * also with bytes that nobody has judged yet, the store has nothing of it, and whoever needs the layer decompresses the
 * blob when it is there. Disposed before `end`, nothing is left behind.
 */
export class DecompressAside implements AsyncDisposable {
  readonly #arriving = new PassThrough({ highWaterMark: WAITING })
  readonly #work: Promise<void>

  constructor(options: Omit<DecompressIntoStoreOptions, 'signal'>) {
    this.#work = decompressIntoStore(this.#arriving, options).then(
      () => {},
      () => {
        this.#arriving.destroy()
      },
    )
  }

  /** Copies the chunk. Resolves when the next one is welcome. */
  async write(chunk: Uint8Array): Promise<void> {
    if (this.#arriving.destroyed || this.#arriving.write(Buffer.from(chunk))) return
    // 'close' comes when the work has failed.
    const ended = new AbortController()
    const { signal } = ended
    await Promise.race([once(this.#arriving, 'drain', { signal }), once(this.#arriving, 'close', { signal })])
    ended.abort()
  }

  /** No more bytes come: resolves when the attempt has succeeded or failed. */
  async end(): Promise<void> {
    this.#arriving.end()
    await this.#work
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#arriving.destroy()
    await this.#work
  }
}
