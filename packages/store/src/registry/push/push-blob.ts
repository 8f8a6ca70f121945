import { isCooperageError } from '../../errors.js'
import type { Descriptor } from '../../image/types.js'
import type { Content } from '../content.js'
import { progressOf } from '../progress.js'
import type { Call } from '../transport/call.js'
import { checkIsRegistry } from '../transport/check-is-registry.js'
import { registryError } from '../transport/registry-error.js'
import type { Server } from '../transport/server.js'
import { Slices } from './slices.js'
import { startUpload } from './start-upload.js'
import { UploadSession } from './upload-session.js'

export interface PushBlobOptions {
  readonly server: Server
  readonly content: Content
  readonly call: Call
  /** Repositories of the same server that may hold it; asked for when it is needed. */
  readonly sources: () => Promise<readonly string[]>
  /** Larger blobs go in pieces of this many bytes. */
  readonly chunkSize: number | undefined
}

/** Uploads begun anew, for one blob. */
const RESTARTS = 3
/** Positions asked for, for one blob. */
const RECOVERIES = 100

/**
 * Makes sure that the repository has a blob: looks, asks for it to be mounted, or uploads it. What breaks is resumed
 * where the registry says it is. @throws E_PUSH and what any request throws
 */
export async function pushBlob(
  descriptor: Descriptor,
  options: PushBlobOptions,
): Promise<'exists' | 'mounted' | 'moved' | 'resumed'> {
  const { server, call, sources } = options
  const { digest } = descriptor
  if (await hasBlob(server, descriptor, call)) return 'exists'
  const session = await startUpload({ server, digest, call, sources: await sources() })
  if (session === 'mounted') return 'mounted'
  return new Upload(descriptor, options, session).run()
}

/** @throws E_SIZE_MISMATCH when it has another under this digest */
async function hasBlob(server: Server, { digest, size }: Descriptor, call: Call): Promise<boolean> {
  const { response } = await server.ask(
    {
      method: 'HEAD',
      target: `blobs/${digest}`,
      access: 'push',
      accept: [200, 404],
      asked: `blob ${digest}`,
    },
    call,
  )
  response.discard()
  if (response.status === 404) return false
  checkIsRegistry(response, { host: server.host, asked: `blob ${digest}` })
  const length = response.headers['content-length']
  if (length === undefined || Number(length) === size) return true
  throw registryError(
    'E_SIZE_MISMATCH',
    { host: server.host, problem: `has ${length} bytes under ${digest}, not ${size}` },
    { data: { digest, expected: size, found: Number(length) } },
  )
}

class Upload {
  readonly #descriptor: Descriptor
  readonly #options: PushBlobOptions
  readonly #slices: Slices
  readonly #progress: (done: number) => void
  #session: UploadSession
  #at = 0
  #wasResumed = false
  #restarts = 0
  #recoveries = 0
  #contentFailure: unknown

  constructor(descriptor: Descriptor, options: PushBlobOptions, session: UploadSession) {
    this.#descriptor = descriptor
    this.#options = options
    this.#session = session
    const { digest, size } = descriptor
    const { content, server, call } = options
    this.#slices = new Slices(content, descriptor, { signal: call.signal, transfer: server.waitsForChunks })
    this.#progress = progressOf(options.call, { direction: 'push', digest, size })
  }

  async run(): Promise<'moved' | 'resumed'> {
    const { server, call } = this.#options
    await using _ = this.#slices
    this.#progress(0)
    let tried = 0
    for (;;) {
      const before = this.#at
      try {
        await this.#send()
        this.#progress(this.#descriptor.size)
        return this.#wasResumed ? 'resumed' : 'moved'
      } catch (error) {
        tried = this.#at > before ? 1 : tried + 1
        try {
          // What cannot be read here, no registry can mend.
          if (error === this.#contentFailure || this.#recoveries++ > RECOVERIES) throw error
          if (!this.#isLost(error)) {
            const wait = call.signal?.aborted ? undefined : server.waitAfter(error, tried, call)
            if (wait === undefined) throw error
            await server.sleep(wait, call)
          }
          if (await this.#recover(error)) return 'moved'
        } catch (fatal) {
          await this.#session.cancel()
          call.signal?.throwIfAborted()
          throw fatal
        }
      }
    }
  }

  async #send(): Promise<void> {
    const { size } = this.#descriptor
    const { chunkSize } = this.#options
    const inPieces = this.#at > 0 || (chunkSize !== undefined && size > chunkSize)
    if (!inPieces) return this.#session.putWhole(() => this.#slice(size), size)
    const piece = Math.max(chunkSize ?? size, this.#session.minimum, 1)
    while (this.#at < size) {
      const length = Math.min(piece, size - this.#at)
      const at = await this.#session.patch(() => this.#slice(length), { offset: this.#at, size: length })
      // No step forward is a failure like any other, and one that is ahead of us cannot be.
      if (at <= this.#at || at > this.#at + length) throw this.#lostCount(at)
      this.#at = at
    }
    await this.#session.close()
  }

  async *#slice(length: number): AsyncGenerator<Uint8Array> {
    try {
      yield* this.#slices.slice(this.#at, length, this.#progress)
    } catch (error) {
      this.#contentFailure = error
      throw error
    }
  }

  /** True for what only another position, or another upload, can mend. */
  #isLost(error: unknown): boolean {
    if (!isCooperageError(error) || this.#restarts >= RESTARTS) return false
    const { code, data } = error
    if (code === 'E_REG_NOT_FOUND' || (code === 'E_PUSH' && (data.status === 416 || data.lost === true)))
      return true
    // Perhaps the pieces were put together wrongly: sent in one piece, it is right or wrong by itself.
    return code === 'E_PUSH' && this.#wasResumed && data.status === 400
  }

  /** Finds out how far the registry is, or begins anew. True when the blob is there after all. */
  async #recover(error: unknown): Promise<boolean> {
    const { server, call } = this.#options
    const isBroken = isCooperageError(error) && error.code === 'E_PUSH' && error.data.status === 400
    const position = isBroken ? undefined : await this.#session.position()
    const isLost = this.#isLost(error)
    // A position that did not help is not tried again.
    const helps =
      position !== undefined && position <= this.#descriptor.size && !(isLost && position === this.#at)
    if (helps) {
      this.#wasResumed ||= position > 0
      this.#at = position
      this.#progress(position)
      return false
    }
    // The answer to the last request may be all that was lost.
    if (await hasBlob(server, this.#descriptor, call)) return true
    await this.#session.cancel()
    this.#restarts++
    this.#at = 0
    this.#wasResumed = false
    this.#session = await UploadSession.start({ server, call, digest: this.#descriptor.digest })
    return false
  }

  #lostCount(at: number): Error {
    const problem = `says of the upload of ${this.#descriptor.digest} that it has ${at} bytes, which cannot be`
    return registryError('E_PUSH', { host: this.#options.server.host, problem }, { data: { lost: true } })
  }
}
