import http, { type ClientRequest } from 'node:http'
import https from 'node:https'
import { connect as connectPlain, isIP, type Socket } from 'node:net'
import { connect as connectSecure } from 'node:tls'
import type { EndpointTls } from '../registry/endpoint.js'
import { BulkConnection } from './bulk-connection.js'
import { exchange } from './exchange.js'
import { isStream } from './is-stream.js'
import { proxyFor } from './proxy-for.js'
import { DEFAULT_TIMEOUTS, type Timeouts } from './timeouts.js'
import { tlsOptions } from './tls-options.js'
import type { Transport, TransportRequest, TransportResponse } from './transport.js'
import { TransportFailure } from './transport-failure.js'
import { placeOf, proxyAuthorization, TunnelAgent } from './tunnel-agent.js'

export interface NodeTransportOptions {
  /** Variables as a process has them, for proxies: HTTP_PROXY, HTTPS_PROXY, NO_PROXY. Default: none. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** In milliseconds. */
  readonly timeouts?: Partial<Timeouts>
  /** Default true. */
  readonly keepAlive?: boolean
}

/** Node gives each address of a host 250 ms when it has several, which a slow line never meets. */
const ADDRESS_TIMEOUT = 5000

/** Requests by node:http and node:https, as they are: nothing is decoded, followed or sent again unasked. */
export function nodeTransport(options: NodeTransportOptions = {}): Transport {
  return new NodeTransport(options)
}

class NodeTransport implements Transport {
  readonly waitsForChunks = true
  readonly #environment: Readonly<Record<string, string | undefined>>
  readonly #timeouts: Timeouts
  readonly #keepAlive: boolean
  readonly #agents = new Map<string, http.Agent>()
  /** Origins that sent a request for much elsewhere: to them it goes on a connection that is kept. */
  readonly #redirecting = new Set<string>()

  constructor(options: NodeTransportOptions) {
    this.#environment = options.environment ?? {}
    this.#timeouts = { ...DEFAULT_TIMEOUTS, ...options.timeouts }
    this.#keepAlive = options.keepAlive ?? true
  }

  async send(request: TransportRequest): Promise<TransportResponse> {
    request.signal?.throwIfAborted()
    const proxy = proxyFor(request.url, this.#environment)
    try {
      return await this.#attempt(request, proxy)
    } catch (error) {
      // RFC 9112, 9.3.1: a connection that was kept may have been closed just when it was used again.
      const isWorthAnother = error instanceof StaleConnection && !isStream(request.body)
      if (!isWorthAnother) throw error instanceof StaleConnection ? error.cause : error
      return this.#attempt(request, proxy, true)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const agent of this.#agents.values()) agent.destroy()
    this.#agents.clear()
  }

  async #attempt(
    request: TransportRequest,
    proxy: URL | undefined,
    isFresh = false,
  ): Promise<TransportResponse> {
    const client = this.#open(request, { proxy, isFresh })
    try {
      const about = { request, timeouts: this.#timeouts, ...(proxy !== undefined && { connectsTo: proxy }) }
      const response = await exchange(client, about)
      if (response.status === 407 && proxy !== undefined) {
        response.discard()
        const message = 'the proxy wants another user or password in its URL (407)'
        throw new TransportFailure('proxy', { url: proxy, phase: 'head', message })
      }
      if (request.bulk !== undefined && response.status >= 300 && response.status < 400) {
        this.#redirecting.add(request.url.origin)
      }
      return response
    } catch (error) {
      if (!(error instanceof TransportFailure)) throw error
      if (client.reusedSocket && isStale(error, request)) throw new StaleConnection(error)
      throw proxy === undefined ? error : blamed(error, proxy)
    }
  }

  #open(
    request: TransportRequest,
    { proxy, isFresh }: { readonly proxy: URL | undefined; readonly isFresh: boolean },
  ): ClientRequest {
    const { method, url, headers, tls } = request
    const isPlain = url.protocol === 'http:'
    if (request.bulk !== undefined && proxy === undefined && !this.#redirecting.has(url.origin)) {
      const createConnection = () => this.#bulkConnection(request)
      // Without an agent nobody else says it, and it would be named in Host, which what is signed may not expect.
      const defaultPort = isPlain ? 80 : 443
      return (isPlain ? http : https).request(url, { method, headers, createConnection, defaultPort })
    }
    const route = { isPlain, proxy, tls }
    const agent = isFresh ? this.#newAgent(route, false) : this.#agent(route)
    const length = request.body instanceof Uint8Array ? { 'content-length': request.body.byteLength } : {}
    const common = { method, agent, headers: { ...headers, ...length } }
    if (!isPlain) return https.request(url, common)
    if (proxy === undefined) return http.request(url, common)
    // RFC 9112, 3.2.2: a proxy is sent the whole URL.
    return http.request({
      ...common,
      ...placeOf(proxy),
      path: url.href.replace(/#.*$/s, ''),
      headers: { ...common.headers, host: url.host, ...proxyAuthorization(proxy) },
    })
  }

  #bulkConnection({ url, tls, bulk }: TransportRequest): BulkConnection {
    const host = url.hostname.replace(/^\[|\]$/g, '')
    const common = { host, autoSelectFamilyAttemptTimeout: ADDRESS_TIMEOUT }
    if (url.protocol === 'http:') {
      const port = Number(url.port || 80)
      return new BulkConnection((onread) => connectPlain({ ...common, port, onread }), bulk)
    }
    const secure = {
      ...common,
      port: Number(url.port || 443),
      ALPNProtocols: ['http/1.1'],
      ...(isIP(host) === 0 && { servername: host }),
      ...tlsOptions(tls, this.#environment),
    }
    // The types do not know that TLS reads into a buffer of ours as well.
    const make = (onread: object): Socket => connectSecure({ ...secure, onread } as typeof secure)
    return new BulkConnection(make, bulk)
  }

  #agent(route: Route): http.Agent {
    const key = route.isPlain ? 'http' : JSON.stringify([route.proxy?.href, route.tls])
    const known = this.#agents.get(key)
    if (known !== undefined) return known
    const agent = this.#newAgent(route, this.#keepAlive)
    this.#agents.set(key, agent)
    return agent
  }

  #newAgent({ isPlain, proxy, tls }: Route, keepAlive: boolean): http.Agent {
    const common = { keepAlive, autoSelectFamilyAttemptTimeout: ADDRESS_TIMEOUT }
    if (isPlain) return new http.Agent(common)
    const secure = { ...common, ...tlsOptions(tls, this.#environment) }
    if (proxy === undefined) return new https.Agent(secure)
    return new TunnelAgent({ ...secure, proxy, timeout: this.#timeouts.connect })
  }
}

interface Route {
  readonly isPlain: boolean
  readonly proxy: URL | undefined
  readonly tls: EndpointTls | undefined
}

class StaleConnection extends Error {
  constructor(cause: TransportFailure) {
    super(cause.message, { cause })
  }
}

/**
 * Whether a connection that was kept was of no use any more. What a server sends too late, as the body of an answer to
 * HEAD, is read as the answer to the next request: where that only reads, it is asked once more.
 */
function isStale({ kind }: TransportFailure, { method }: TransportRequest): boolean {
  return kind === 'reset' || (kind === 'protocol' && (method === 'GET' || method === 'HEAD'))
}

/** Behind a proxy only the proxy can be missing or mute while connecting. */
function blamed(failure: TransportFailure, proxy: URL): TransportFailure {
  if (failure.phase !== 'connect' || !['dns', 'connect', 'timeout'].includes(failure.kind)) return failure
  const { message, cause } = failure
  return new TransportFailure('proxy', { url: proxy, phase: 'connect', message, cause: cause ?? failure })
}
