import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { type AccessRequest, RegistryAccess, type RegistryAuth } from './access.js'
import { bytesAnswer, errorAnswer, jsonAnswer } from './answers.js'
import {
  type FaultHook,
  type RegistryAnswer,
  type RegistryFault,
  type RegistryRequest,
  sendAnswer,
} from './fault.js'
import { answerManifest, answerReferrers } from './manifests.js'
import { RegistryStorage } from './storage.js'
import { answerUpload } from './uploads.js'

/** PEM, as of `https.createServer`. */
export interface LoopbackTls {
  readonly key: string
  readonly cert: string
  readonly ca?: string
  readonly requestCert?: boolean
  readonly rejectUnauthorized?: boolean
}

export interface LoopbackRegistryOptions {
  /** Default: anyone may do anything. */
  readonly auth?: RegistryAuth
  /** With it the registry speaks https. */
  readonly tls?: LoopbackTls
  /** Default: one that is free. */
  readonly port?: number
  /** Another registry's content, for one that was restarted. */
  readonly storage?: RegistryStorage
  /** Keeps track of what refers to what. Default true. */
  readonly referrers?: boolean
  /** Tags of one page. Default: all. */
  readonly pageSize?: number
  /** Announced as OCI-Chunk-Min-Length, in bytes. Default: nothing. */
  readonly chunkMinimum?: number
  readonly fault?: FaultHook
}

/** A registry in this process, in memory, that does what the distribution-spec says until a fault is set. */
export interface LoopbackRegistry extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`. */
  readonly origin: string
  /** `127.0.0.1:PORT`, as in references. */
  readonly host: string
  readonly port: number
  readonly storage: RegistryStorage
  readonly access: RegistryAccess
  /** All that was asked for, in order. */
  readonly requests: RegistryRequest[]
  /** What goes wrong; may be changed at any time. */
  fault: FaultHook | undefined
}

/** Starts a registry on 127.0.0.1. Disposing it ends it, with all its connections. */
export async function startLoopbackRegistry(
  options: LoopbackRegistryOptions = {},
): Promise<LoopbackRegistry> {
  const registry = new Registry(options)
  await registry.listen(options.port ?? 0)
  return registry
}

class Registry implements LoopbackRegistry {
  readonly storage: RegistryStorage
  readonly access: RegistryAccess
  readonly requests: RegistryRequest[] = []
  fault: FaultHook | undefined
  readonly #options: LoopbackRegistryOptions
  readonly #server: Server

  constructor(options: LoopbackRegistryOptions) {
    this.#options = options
    this.storage = options.storage ?? new RegistryStorage()
    this.access = new RegistryAccess(options.auth ?? { kind: 'none' })
    this.fault = options.fault
    const listener = (request: IncomingMessage, response: ServerResponse) =>
      void this.#serve(request, response)
    this.#server = options.tls === undefined ? createServer(listener) : createTlsServer(options.tls, listener)
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get host(): string {
    return `127.0.0.1:${this.port}`
  }

  get origin(): string {
    return `${this.#options.tls === undefined ? 'http' : 'https'}://${this.host}`
  }

  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, '127.0.0.1', resolve)
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server.listening) return
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/', headers } = request
    const recorded = { method, url, headers: { ...headers } }
    this.requests.push(recorded)
    const fault = this.fault?.(recorded)
    if (fault?.mute === true) return
    response.on('error', () => {})
    const isHead = method === 'HEAD'
    const isBroken = fault?.cutRequestAt !== undefined
    if (fault?.status !== undefined && !isBroken) {
      // Answered before the request was heard: what is still sent is dropped.
      request.resume()
      await sendAnswer(response, { status: fault.status }, { fault, isHead })
      return
    }
    const body = await readRequest(request, fault)
    if (body === undefined) return
    if (isBroken) {
      this.#keepPart(url, body)
      request.destroy()
      return
    }
    const taken = body.subarray(0, fault?.takeAtMost)
    await sendAnswer(response, this.#answer(recorded, taken), { fault, isHead })
  }

  #answer(request: RegistryRequest, body: Buffer): RegistryAnswer {
    const url = new URL(request.url, this.origin)
    const authorization = request.headers.authorization as string | undefined
    if (url.pathname === '/token') {
      const parameters = request.method === 'POST' ? new URLSearchParams(body.toString()) : url.searchParams
      return this.access.token(request.method, parameters, authorization)
    }
    const route = /^\/v2\/(?:(.+)\/(blobs\/uploads|blobs|manifests|tags|referrers)\/(.*))?$/.exec(
      url.pathname,
    )
    if (route === null) return errorAnswer(404, 'NAME_UNKNOWN', 'not a path of a registry')
    const [, repository = '', kind, rest = ''] = route
    const isWrite = !['GET', 'HEAD'].includes(request.method) || kind === 'blobs/uploads'
    const wanted: AccessRequest | undefined =
      kind === undefined ? undefined : { repository, access: isWrite ? 'push' : 'pull' }
    const refusal = this.access.refusal(authorization, wanted, this.origin)
    if (refusal !== undefined) return refusal
    if (kind === undefined) return jsonAnswer({}, { 'docker-distribution-api-version': 'registry/2.0' })
    return this.#route(kind, { ...request, repository, rest: decodeURIComponent(rest), url, body })
  }

  #route(
    kind: string,
    request: Omit<RegistryRequest, 'url'> & {
      readonly repository: string
      readonly rest: string
      readonly url: URL
      readonly body: Buffer
    },
  ): RegistryAnswer {
    const { method, headers, repository, rest, url, body } = request
    const { storage } = this
    const { referrers = true, chunkMinimum = 0 } = this.#options
    const settings = { storage, referrers }
    switch (kind) {
      case 'blobs/uploads': {
        const upload = { method, repository, id: rest, query: url.searchParams, headers, body }
        return answerUpload(upload, { storage, minimum: chunkMinimum })
      }
      case 'blobs': {
        const blob = storage.blob(repository, rest)
        if (blob === undefined) return errorAnswer(404, 'BLOB_UNKNOWN', 'blob unknown to registry')
        const own = {
          'content-type': 'application/octet-stream',
          'docker-content-digest': rest,
          'accept-ranges': 'bytes',
        }
        return bytesAnswer(blob, headers.range as string | undefined, own)
      }
      case 'manifests': {
        const mediaType = String(headers['content-type'] ?? '')
        const accept = String(headers.accept ?? '')
        return answerManifest({ method, repository, reference: rest, mediaType, accept, body }, settings)
      }
      case 'referrers':
        return answerReferrers(repository, rest, settings)
      default:
        return this.#tags(repository, url)
    }
  }

  #tags(repository: string, url: URL): RegistryAnswer {
    if (!this.storage.has(repository)) return errorAnswer(404, 'NAME_UNKNOWN', 'repository name not known')
    const all = [...this.storage.repository(repository).tags.keys()].sort()
    const { pageSize = all.length } = this.#options
    const last = url.searchParams.get('last')
    const left = last === null ? all : all.filter((tag) => tag > last)
    const tags = left.slice(0, pageSize)
    const next = `</v2/${repository}/tags/list?n=${pageSize}&last=${tags.at(-1)}>; rel="next"`
    return jsonAnswer({ name: repository, tags }, left.length > pageSize ? { link: next } : {})
  }

  /** A registry keeps what of an upload it has heard. */
  #keepPart(url: string, body: Buffer): void {
    const id = /\/blobs\/uploads\/([^?]+)/.exec(url)?.[1]
    const upload = id === undefined ? undefined : this.storage.uploads.get(id)
    if (upload === undefined) return
    upload.chunks.push(body)
    upload.size += body.length
  }
}

/** Undefined when the client went away. */
async function readRequest(
  request: IncomingMessage,
  fault: RegistryFault | undefined,
): Promise<Buffer | undefined> {
  const limit = fault?.cutRequestAt ?? Number.POSITIVE_INFINITY
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      size += chunk.length
      if (size >= limit) break
    }
  } catch {
    return undefined
  }
  return Buffer.concat(chunks).subarray(0, Math.min(size, limit))
}
