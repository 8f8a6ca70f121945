import http from 'node:http'
import https from 'node:https'
import type { Duplex } from 'node:stream'
import tls from 'node:tls'
import { urlAuthorization } from './basic-authorization.js'
import { TransportFailure } from './transport-failure.js'

type Created = (error: Error | null, socket?: Duplex) => void

/** Reaches https servers through an http proxy: CONNECT (RFC 9110, 9.3.6), then TLS with the server itself. */
export class TunnelAgent extends https.Agent {
  readonly #proxy: URL
  readonly #timeout: number

  /** `timeout`: milliseconds until the proxy has answered. */
  constructor(options: https.AgentOptions & { readonly proxy: URL; readonly timeout: number }) {
    const { proxy, timeout, ...rest } = options
    super(rest)
    this.#proxy = proxy
    this.#timeout = timeout
  }

  /** Called by Node for every new connection. */
  createConnection(options: tls.ConnectionOptions, created: Created): void {
    const host = String(options.host)
    const target = `${host.includes(':') ? `[${host}]` : host}:${options.port ?? 443}`
    const request = http.request({
      ...placeOf(this.#proxy),
      method: 'CONNECT',
      path: target,
      headers: { host: target, ...proxyAuthorization(this.#proxy) },
      agent: false,
    })
    request.setTimeout(this.#timeout, () => request.destroy(this.#failure('gave no answer')))
    request.once('error', (error) =>
      created(
        error instanceof TransportFailure ? error : this.#failure(`cannot be reached: ${error.message}`),
      ),
    )
    request.once('response', (response) => response.destroy())
    request.once('connect', (response, socket) => {
      if (response.statusCode !== 200) {
        socket.destroy()
        created(this.#failure(`refused to connect: ${response.statusCode}`))
        return
      }
      socket.setTimeout(0)
      const secured = tls.connect({ ...options, socket })
      secured.once('error', created)
      secured.once('secureConnect', () => {
        secured.off('error', created)
        created(null, secured)
      })
    })
    request.end()
  }

  #failure(message: string): TransportFailure {
    return new TransportFailure('proxy', { url: this.#proxy, phase: 'connect', message })
  }
}

/** Host and port of a proxy, for `http.request`. */
export function placeOf(proxy: URL): { readonly host: string; readonly port: string | number } {
  return { host: proxy.hostname.replace(/^\[|\]$/g, ''), port: proxy.port || 80 }
}

/** The header with the user and password of a proxy's URL, if it has any. */
export function proxyAuthorization(proxy: URL): Record<string, string> {
  const authorization = urlAuthorization(proxy)
  return authorization === undefined ? {} : { 'proxy-authorization': authorization }
}
