import { isCooperageError } from '../../errors.js'
import type { Transport, TransportRequest, TransportResponse } from '../../http/transport.js'
import { TransportFailure } from '../../http/transport-failure.js'
import { withRetries } from '../../http/with-retries.js'
import type { RegistryClock } from '../client.js'
import type { Call } from './call.js'
import { failureError } from './failure-error.js'
import { retryWait } from './retry-wait.js'

export interface NetworkOptions {
  readonly transport: Transport
  readonly clock: RegistryClock
  readonly tries: number
  /** In milliseconds. */
  readonly longestWait: number
  readonly userAgent: string
}

/** Sends requests, and sends them again. Shared by all that a client does. */
export class Network {
  readonly clock: RegistryClock
  readonly #options: NetworkOptions
  /** Origins that have answered. */
  readonly #alive = new Set<string>()

  constructor(options: NetworkOptions) {
    this.#options = options
    this.clock = options.clock
  }

  /** As the transport says of itself. */
  get waitsForChunks(): boolean {
    return this.#options.transport.waitsForChunks === true
  }

  /** One request as it is. `asked` says in an error what for. @throws the errors of `failureError` */
  async send(request: TransportRequest, asked: string): Promise<TransportResponse> {
    const { transport, userAgent } = this.#options
    const headers = { 'user-agent': userAgent, 'accept-encoding': 'identity', ...request.headers }
    try {
      const response = await transport.send({ ...request, headers })
      this.#alive.add(request.url.origin)
      return response
    } catch (error) {
      throw error instanceof TransportFailure ? failureError(error, { asked }) : error
    }
  }

  /** Works, and works again after what may pass. What is thrown must be a typed error to be judged. */
  retrying<T>(
    work: () => Promise<T>,
    about: {
      readonly call: Call
      readonly origin: string
      readonly asked: string
      readonly isMirror: boolean
    },
  ): Promise<T> {
    const { call } = about
    return withRetries(
      async () => {
        try {
          return await work()
        } catch (error) {
          throw error instanceof TransportFailure ? failureError(error, about) : error
        }
      },
      {
        signal: call.signal,
        sleep: (milliseconds, signal) => this.clock.sleep(milliseconds, signal),
        waitAfter: (error, tried) => this.waitAfter(error, tried, about),
      },
    )
  }

  /** Milliseconds until what failed is tried again, which the call is told; undefined when it is not. */
  waitAfter(
    error: unknown,
    tried: number,
    about: { readonly call: Call; readonly origin: string; readonly isMirror: boolean },
  ): number | undefined {
    const { tries, longestWait } = this.#options
    const { call, origin, isMirror } = about
    const wait = retryWait(error, tried, {
      tries,
      longestWait,
      wasAlive: this.#alive.has(origin),
      isMirror,
    })
    if (wait === undefined || !isCooperageError(error)) return undefined
    const { code, message } = error
    call.emit({ kind: 'retry', host: new URL(origin).host, code, message, tried, wait })
    return wait
  }
}
