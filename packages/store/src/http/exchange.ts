import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { BulkBody } from './bulk-body.js'
import { BulkConnection } from './bulk-connection.js'
import { classifyFailure } from './classify-failure.js'
import { isStream } from './is-stream.js'
import { ResponseBody } from './response-body.js'
import type { Timeouts } from './timeouts.js'
import type { TransportPhase, TransportRequest, TransportResponse } from './transport.js'
import { TransportFailure } from './transport-failure.js'

export interface ExchangeOptions {
  readonly request: TransportRequest
  readonly timeouts: Timeouts
  /** Who is waited for while connecting, when it is not the server of the URL. */
  readonly connectsTo?: URL
}

/** Sends the body of a request that was just made, and waits for the head of the answer. */
export function exchange(client: ClientRequest, options: ExchangeOptions): Promise<TransportResponse> {
  return new Promise((resolve, reject) => new Exchange(client, options, { resolve, reject }).start())
}

class Exchange {
  readonly #client: ClientRequest
  readonly #options: ExchangeOptions
  readonly #resolve: (response: TransportResponse) => void
  readonly #reject: (error: unknown) => void
  #phase: TransportPhase = 'connect'
  #timer: NodeJS.Timeout | undefined
  #incoming: IncomingMessage | undefined
  #settled = false
  #isWriting = false
  #wake: (() => void) | undefined

  constructor(
    client: ClientRequest,
    options: ExchangeOptions,
    settle: { resolve: (response: TransportResponse) => void; reject: (error: unknown) => void },
  ) {
    this.#client = client
    this.#options = options
    this.#resolve = settle.resolve
    this.#reject = settle.reject
  }

  start(): void {
    const { signal } = this.#options.request
    const client = this.#client
    const abort = () => this.#fail(signal?.reason)
    signal?.addEventListener('abort', abort, { once: true })
    client.once('close', () => {
      signal?.removeEventListener('abort', abort)
      this.#wake?.()
    })
    // Also after the head: without a listener, an error of the connection would end the process.
    client.on('error', (error) => this.#fail(error))
    client.once('response', (incoming) => this.#answered(incoming))
    // 100 to 199: another head follows, which the connection does not look for.
    client.on('information', () => {
      if (client.socket instanceof BulkConnection) client.socket.release()
    })
    // 101 and the like: nobody asked for another protocol.
    client.once('upgrade', (_, socket) => {
      socket.destroy()
      this.#fail(this.#failure('protocol', 'the server wants to speak another protocol'))
    })
    this.#enter('connect')
    client.once('socket', (socket) => {
      if (!socket.connecting) return this.#connected()
      const { encrypted } = socket as TLSSocket
      socket.once(encrypted ? 'secureConnect' : 'connect', () => this.#connected())
    })
    void this.#sendBody()
    if (signal?.aborted) abort()
  }

  #connected(): void {
    if (this.#phase !== 'connect') return
    this.#enter('send')
    // While the source of the body is slow, nobody waits for the server.
    if (isStream(this.#options.request.body) && !this.#isWriting) clearTimeout(this.#timer)
  }

  async #sendBody(): Promise<void> {
    const { body } = this.#options.request
    const client = this.#client
    client.once('finish', () => {
      if (this.#incoming === undefined) this.#enter('head')
    })
    if (!isStream(body)) {
      if (body === undefined) client.end()
      else client.end(body)
      return
    }
    try {
      for await (const chunk of body) {
        await this.#write(chunk)
        if (this.#settled) break
      }
    } catch (error) {
      this.#fail(error)
      return
    }
    if (!this.#settled) client.end()
    // A server that answers before it has heard all has heard enough.
    else if (this.#incoming !== undefined) whenClosed(this.#incoming, () => client.destroy())
  }

  /** Until the connection has taken the chunk, since it belongs to its source again when the next one is asked for. */
  #write(chunk: Uint8Array): Promise<void> {
    if (this.#client.destroyed) return Promise.resolve()
    this.#isWriting = true
    if (this.#phase === 'send') this.#enter('send')
    return new Promise((resolve) => {
      const done = () => {
        this.#isWriting = false
        if (this.#phase === 'send') clearTimeout(this.#timer)
        resolve()
      }
      // What goes wrong is told by an event; one that never connected tells nothing here.
      this.#wake = done
      this.#client.write(chunk, done)
    })
  }

  #answered(incoming: IncomingMessage): void {
    this.#incoming = incoming
    clearTimeout(this.#timer)
    this.#phase = 'body'
    const { request, timeouts } = this.#options
    const { url, signal } = request
    const about = { url, stall: timeouts.stall, signal }
    const body = BulkBody.claim(incoming, about) ?? new ResponseBody(incoming, about)
    this.#settled = true
    this.#resolve({
      status: incoming.statusCode ?? 0,
      headers: plainHeaders(incoming.headers),
      body,
      discard: () => body.discard(),
    })
  }

  #enter(phase: 'connect' | 'send' | 'head'): void {
    this.#phase = phase
    clearTimeout(this.#timer)
    if (this.#settled) return
    const { connect, head, stall } = this.#options.timeouts
    const { patience = 1 } = this.#options.request
    const limit = { connect, head: head * patience, send: stall }[phase]
    const what = { connect: 'no connection', send: 'nothing more was taken', head: 'no answer' }[phase]
    this.#timer = setTimeout(
      () => this.#fail(this.#failure('timeout', `${what} for ${limit / 1000} seconds`)),
      limit,
    )
  }

  #failure(kind: 'timeout' | 'protocol', message: string): TransportFailure {
    const { request, connectsTo } = this.#options
    const url = this.#phase === 'connect' ? (connectsTo ?? request.url) : request.url
    return new TransportFailure(kind, { url, phase: this.#phase, message })
  }

  #fail(error: unknown): void {
    clearTimeout(this.#timer)
    if (!this.#client.destroyed) this.#client.destroy()
    if (this.#incoming !== undefined && !this.#incoming.destroyed) {
      this.#incoming.destroy(error instanceof Error ? error : undefined)
    }
    if (this.#settled) return
    this.#settled = true
    const { signal, url } = this.#options.request
    if (signal?.aborted) this.#reject(signal.reason)
    else this.#reject(classifyFailure(error, { url, phase: this.#phase }) ?? error)
  }
}

function whenClosed(incoming: IncomingMessage, then: () => void): void {
  if (incoming.closed) then()
  else incoming.once('close', then)
}

function plainHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const plain: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value === 'string') plain[name] = value
  }
  return plain
}
