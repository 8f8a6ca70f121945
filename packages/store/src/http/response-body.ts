import type { IncomingMessage } from 'node:http'
import { classifyFailure } from './classify-failure.js'
import { TransportFailure } from './transport-failure.js'

/** A rest of this size is received and dropped, so that its connection can serve again. */
const WORTH_DRAINING = 64 << 10

export interface BodyOptions {
  readonly url: URL
  /** Milliseconds that the next piece may take; the time that the reader takes does not count. */
  readonly stall: number
  readonly signal: AbortSignal | undefined
}

/** The body of an answer, for one reader. */
export class ResponseBody implements AsyncIterable<Uint8Array> {
  readonly #incoming: IncomingMessage
  readonly #options: BodyOptions

  constructor(incoming: IncomingMessage, options: BodyOptions) {
    this.#incoming = incoming
    this.#options = options
    // Whoever reads is told; when nobody does, there is nobody to tell.
    incoming.on('error', () => {})
    if (Number(incoming.headers['content-length']) === 0) incoming.resume()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    const { url, stall, signal } = this.#options
    const chunks = this.#incoming[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>
    let isWaiting = false
    const timer = setTimeout(() => {
      if (!isWaiting) return
      const message = `nothing more was sent for ${stall / 1000} seconds`
      this.#incoming.destroy(new TransportFailure('timeout', { url, phase: 'body', message }))
    }, stall)
    try {
      for (;;) {
        isWaiting = true
        timer.refresh()
        const next = await chunks.next()
        isWaiting = false
        if (next.done) return
        yield next.value
      }
    } catch (error) {
      if (signal?.aborted) throw signal.reason
      throw classifyFailure(error, { url, phase: 'body' }) ?? error
    } finally {
      clearTimeout(timer)
      await chunks.return?.()
    }
  }

  discard(): void {
    const incoming = this.#incoming
    if (incoming.destroyed || incoming.readableEnded) return
    const length = Number(incoming.headers['content-length'] ?? Number.NaN)
    if (incoming.complete || length <= WORTH_DRAINING) {
      const timer = setTimeout(() => incoming.destroy(), this.#options.stall)
      timer.unref()
      incoming.once('close', () => clearTimeout(timer))
      incoming.resume()
    } else incoming.destroy()
  }
}
