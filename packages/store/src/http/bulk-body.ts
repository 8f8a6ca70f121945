import type { IncomingMessage } from 'node:http'
import { BulkConnection } from './bulk-connection.js'
import { classifyFailure } from './classify-failure.js'
import type { BodyOptions } from './response-body.js'
import { TransportFailure } from './transport-failure.js'

/** A body that is read from its connection, past the parser of HTTP; for one reader. */
export class BulkBody implements AsyncIterable<Uint8Array> {
  readonly #connection: BulkConnection
  readonly #options: BodyOptions

  private constructor(connection: BulkConnection, options: BodyOptions) {
    this.#connection = connection
    this.#options = options
  }

  /** Undefined where the parser has to read it: on another kind of connection, or when its length is not told. */
  static claim(incoming: IncomingMessage, options: BodyOptions): BulkBody | undefined {
    const connection: unknown = incoming.socket
    if (!(connection instanceof BulkConnection)) return undefined
    const { 'content-length': length, 'transfer-encoding': encoding } = incoming.headers
    const isPlain = (incoming.statusCode === 200 || incoming.statusCode === 206) && encoding === undefined
    if (!isPlain || length === undefined || !/^[1-9]\d{0,14}$/.test(length)) {
      connection.release()
      return undefined
    }
    if (!connection.claim(Number(length))) return undefined
    // To the parser the body never comes, which it says when the connection ends.
    incoming.on('error', () => {})
    return new BulkBody(connection, options)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    const { url, stall, signal } = this.#options
    let waitingSince: number | undefined
    let timer: NodeJS.Timeout | undefined
    // Set anew when it has run down, and not for each piece: those are many, and one that is late is rare.
    const watch = () => {
      timer = undefined
      if (waitingSince === undefined) return
      const left = waitingSince + stall - performance.now()
      if (left > 0) {
        timer = setTimeout(watch, left)
        return
      }
      const message = `nothing more was sent for ${stall / 1000} seconds`
      this.#connection.destroy(new TransportFailure('timeout', { url, phase: 'body', message }))
    }
    try {
      let piece: Uint8Array<ArrayBuffer> | undefined
      for (;;) {
        waitingSince = performance.now()
        timer ??= setTimeout(watch, stall)
        piece = await this.#connection.next(piece)
        waitingSince = undefined
        if (piece === undefined) return
        yield piece
      }
    } catch (error) {
      if (signal?.aborted) throw signal.reason
      throw classifyFailure(error, { url, phase: 'body' }) ?? error
    } finally {
      clearTimeout(timer)
      this.discard()
    }
  }

  /** Also after the last byte: the parser still waits for the first, so nothing else can come this way. */
  discard(): void {
    this.#connection.destroy()
  }
}
