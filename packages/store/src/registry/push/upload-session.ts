import type { CooperageError } from '../../errors.js'
import type { Call } from '../transport/call.js'
import { escapeText } from '../transport/escape-text.js'
import { registryError } from '../transport/registry-error.js'
import type { Answer, Asking, Server } from '../transport/server.js'
import { finishLocation, uploadLocation } from './upload-location.js'

type Body = () => AsyncIterable<Uint8Array>

/** How long a registry may take to forget an upload that nobody waits for. */
const CANCEL_TIME = 5000
/** At its end a registry may hash or copy the whole layer before it answers. */
const PATIENCE = 5

/** One upload as the registry knows it (distribution-spec, "Pushing blobs"). */
export class UploadSession {
  readonly #server: Server
  readonly #call: Call
  readonly #digest: string
  #location: URL
  /** What the registry wants a piece to have at least, in bytes. */
  readonly minimum: number

  constructor(
    answer: Answer,
    about: { readonly server: Server; readonly call: Call; readonly digest: string },
  ) {
    this.#server = about.server
    this.#call = about.call
    this.#digest = about.digest
    this.#location = uploadLocation(answer, about.server)
    const minimum = Number(answer.response.headers['oci-chunk-min-length'] ?? 0)
    this.minimum = Number.isSafeInteger(minimum) && minimum > 0 ? minimum : 0
    answer.response.discard()
  }

  /** Opens a session. @throws E_PUSH and what any request throws */
  static async start(about: { server: Server; call: Call; digest: string }): Promise<UploadSession> {
    const { server, call, digest } = about
    const answer = await server.ask(
      {
        method: 'POST',
        target: 'blobs/uploads/',
        headers: { 'content-length': '0' },
        access: 'push',
        accept: [202],
        asked: `upload of ${digest}`,
        otherwise: 'E_PUSH',
      },
      call,
    )
    return new UploadSession(answer, about)
  }

  /** Sends all and ends the upload. Once: whoever calls knows what to do next. */
  async putWhole(body: Body, size: number): Promise<void> {
    await this.#end(await this.#ask('PUT', { body, size, accept: [201, 200, 204] }))
  }

  /** Sends bytes from `offset` on. Resolves to where the registry is now. */
  async patch(
    body: Body,
    { offset, size }: { readonly offset: number; readonly size: number },
  ): Promise<number> {
    const range = { 'content-range': `${offset}-${offset + size - 1}` }
    const answer = await this.#ask('PATCH', { body, size, headers: range, accept: [202, 201, 200, 204] })
    this.#location = uploadLocation(answer, this.#server)
    answer.response.discard()
    // What the registry says it has counts, not what it accepted. Without a word, it has what was sent.
    const sent = offset + size
    if (answer.response.headers.range === undefined) return sent
    const end = endOf(answer, this.#server)
    return end === 0 && sent === 1 ? sent : end
  }

  /** Ends an upload of which all is there. */
  async close(): Promise<void> {
    const answer = await this.#server.ask(
      this.#asking('PUT', { size: 0, accept: [201, 200, 204] }),
      this.#call,
    )
    await this.#end(answer)
  }

  /** Where the registry is; undefined when it no longer knows this upload. */
  async position(): Promise<number | undefined> {
    const asking = this.#asking('GET', { accept: [204, 200, 202, 400, 404, 405] })
    const answer = await this.#server.ask(asking, this.#call)
    const { status, headers } = answer.response
    answer.response.discard()
    if (status >= 400) return undefined
    if (headers.location !== undefined) this.#location = uploadLocation(answer, this.#server)
    return headers.range === undefined ? undefined : endOf(answer, this.#server)
  }

  /** Tells the registry to forget it. What it answers does not matter, nor whether the call was aborted. */
  async cancel(): Promise<void> {
    const call = this.#call.withSignal(AbortSignal.timeout(CANCEL_TIME))
    try {
      const { response } = await this.#server.askOnce(
        this.#asking('DELETE', { accept: [204, 200, 202] }),
        call,
      )
      response.discard()
    } catch {
      // It forgets by itself in time.
    }
  }

  #ask(
    method: 'PUT' | 'PATCH',
    options: { body: Body; size: number; headers?: Record<string, string>; accept: readonly number[] },
  ): Promise<Answer> {
    return this.#server.askOnce(this.#asking(method, options), this.#call)
  }

  #asking(
    method: Asking['method'],
    options: { body?: Body; size?: number; headers?: Record<string, string>; accept: readonly number[] },
  ): Asking {
    const { body, size, headers, accept } = options
    return {
      method,
      target: method === 'PUT' ? finishLocation(this.#location, this.#digest) : this.#location,
      headers: {
        ...(size !== undefined && {
          'content-length': String(size),
          'content-type': 'application/octet-stream',
        }),
        ...headers,
      },
      ...(body !== undefined && { body }),
      access: 'push',
      accept,
      ...(method === 'PUT' && { patience: PATIENCE }),
      asked: `upload of ${this.#digest}`,
      otherwise: 'E_PUSH',
    }
  }

  async #end({ response }: Answer): Promise<void> {
    response.discard()
    const stored = response.headers['docker-content-digest']
    if (stored === undefined || stored === this.#digest) return
    if (stored.split(':', 1)[0] !== this.#digest.split(':', 1)[0]) return
    const found = escapeText(stored, 150)
    throw registryError(
      'E_DIGEST_MISMATCH',
      { host: this.#server.host, problem: `stored ${found} in the place of ${this.#digest}` },
      { data: { expected: this.#digest, found } },
    )
  }
}

/** `0-<last>`. An upload of nothing is `0-0` to docker-registry, as one of a single byte is: it is then sent again. */
function endOf({ response }: Answer, server: Server): number {
  const range = /^(?:bytes[= ])?0-(-1|\d{1,15})$/.exec(response.headers.range ?? '')
  if (range === null) throw badRange(server)
  const last = Number(range[1])
  return last === 0 ? 0 : last + 1
}

function badRange(server: Server): CooperageError {
  return registryError('E_PUSH', {
    host: server.host,
    problem: 'says of an upload how far it is in a way that is not understood',
  })
}
