import { CooperageError } from '../../errors.js'
import type { BulkReading } from '../../http/transport.js'
import { TransportFailure } from '../../http/transport-failure.js'
import type { Descriptor } from '../../image/types.js'
import { progressOf } from '../progress.js'
import type { Call } from '../transport/call.js'
import { failureError } from '../transport/failure-error.js'
import type { Answer, Server } from '../transport/server.js'
import { readBlobAnswer } from './blob-answer.js'

export interface BlobChunksOptions {
  readonly server: Server
  /** `blobs/<digest>` of the server's repository, or another place. */
  readonly target: string | URL
  readonly descriptor: Descriptor
  /** The byte to begin with. */
  readonly from: number
  /** The reader has one chunk at a time, as this says. Default: it keeps them. */
  readonly bulk?: BulkReading
  readonly call: Call
}

/** Blobs of this size are worth a connection of their own. */
const BULK = 512 << 10

/** Connections that may break with some bytes each, before the line is too bad to go on. */
const MOST_CUTS = 200

/**
 * The bytes of a blob from one on to its last, as many as its descriptor says. A body that breaks is resumed where it
 * broke, one that ends too early once. The digest is the reader's to check.
 * @throws E_SIZE_MISMATCH, E_TIMEOUT, E_CONNECT, and what any request throws
 */
export async function* blobChunks(options: BlobChunksOptions): AsyncGenerator<Uint8Array> {
  const { descriptor, call } = options
  const { digest, size } = descriptor
  const progress = progressOf(call, { direction: 'pull', digest, size })
  const line = new Line(options)
  let at = options.from
  progress(at)
  while (at < size) {
    const from = at
    try {
      const answer = await line.ask(from)
      if (answer === undefined) continue
      for await (const chunk of answer) {
        if (at + chunk.byteLength > size) throw wrongSize(size, at + chunk.byteLength)
        at += chunk.byteLength
        yield chunk
        progress(at)
      }
      if (at < size) line.endedEarly(at)
    } catch (error) {
      if (!(error instanceof TransportFailure)) throw error
      await line.afterCut(error, { from, at })
    }
  }
}

/** What is known of the way to one blob while it is fetched. */
class Line {
  readonly #options: BlobChunksOptions
  #asksForRest = true
  #cuts = 0
  #cutsInVain = 0
  #wasShort = false

  constructor(options: BlobChunksOptions) {
    this.#options = options
  }

  /** The bytes from here on; undefined when the whole must be asked for instead. */
  async ask(from: number): Promise<AsyncIterable<Uint8Array> | undefined> {
    const { server, target, descriptor, call, bulk } = this.#options
    const isPart = from > 0 && this.#asksForRest
    const { response }: Answer = await server.ask(
      {
        method: 'GET',
        target,
        headers: { accept: '*/*', ...(isPart && { range: `bytes=${from}-` }) },
        accept: isPart ? [200, 206, 416] : [200],
        asked: `blob ${descriptor.digest}`,
        ...(bulk !== undefined && descriptor.size - from >= BULK && { bulk }),
      },
      call,
    )
    const answer = readBlobAnswer(response, { from, size: descriptor.size })
    if (answer.kind === 'content') return withoutFirst(response.body, from - answer.startsAt)
    response.discard()
    if (answer.kind === 'wrong-size') throw wrongSize(descriptor.size, answer.found)
    this.#asksForRest = false
    return undefined
  }

  endedEarly(at: number): void {
    if (this.#wasShort) throw wrongSize(this.#options.descriptor.size, at)
    this.#wasShort = true
  }

  /** Waits until it is worth another try. @throws what the failure is, when it is not */
  async afterCut(failure: TransportFailure, { from, at }: { from: number; at: number }): Promise<void> {
    const { server, call, descriptor } = this.#options
    const error = failureError(failure, { asked: `blob ${descriptor.digest}`, bytes: at })
    this.#cuts++
    this.#cutsInVain = at > from ? 0 : this.#cutsInVain + 1
    const tried = Math.max(1, this.#cutsInVain)
    const wait = this.#cuts > MOST_CUTS ? undefined : server.waitAfter(error, tried, call)
    if (wait === undefined) throw error
    await server.sleep(wait, call)
  }
}

async function* withoutFirst(chunks: AsyncIterable<Uint8Array>, count: number): AsyncGenerator<Uint8Array> {
  let skip = count
  for await (const chunk of chunks) {
    if (skip < chunk.byteLength) yield skip === 0 ? chunk : chunk.subarray(skip)
    skip = Math.max(0, skip - chunk.byteLength)
  }
}

function wrongSize(expected: number, found: number): CooperageError {
  return new CooperageError('E_SIZE_MISMATCH', `content has ${found} bytes, not ${expected}`, {
    category: 'network',
    hint: 'the content was cut or changed on its way here; nothing of it was kept',
    data: { expected, found },
  })
}
