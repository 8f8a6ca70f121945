import type { ErrorCode } from '../../errors.js'
import { redirectTarget } from '../../http/redirect-target.js'
import { shownUrl } from '../../http/shown-url.js'
import type { BulkReading, TransportResponse } from '../../http/transport.js'
import type { Authorization, Authorizer } from '../auth/authorizer.js'
import { repositoryScope } from '../auth/scopes.js'
import type { Endpoint, EndpointTls } from '../endpoint.js'
import type { Call } from './call.js'
import { checkEncoding } from './check-encoding.js'
import type { Network } from './network.js'
import { readBody } from './read-body.js'
import { redactAuthorization } from './redact.js'
import { registryError } from './registry-error.js'
import { statusError } from './status-error.js'

/** One request to a server, in the terms of the distribution-spec. */
export interface Asking {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below `/v2/<repository>/`, or a URL that the server gave. */
  readonly target: string | URL
  readonly headers?: Readonly<Record<string, string>>
  /** Made anew for every try. */
  readonly body?: () => Uint8Array | AsyncIterable<Uint8Array>
  /** Default `pull`. */
  readonly access?: 'pull' | 'push'
  /** Scopes beside that of the repository. */
  readonly scopes?: readonly string[]
  /** Answers that are handed back; all others are errors. Default: 200. */
  readonly accept?: readonly number[]
  /** For messages: `manifest 1.0 of docker.io/library/a`. */
  readonly asked: string
  /** The code of errors that have none of their own. Default E_REG_REFUSED. */
  readonly otherwise?: ErrorCode
  /** How many times longer than usual the answer may take. Default 1. */
  readonly patience?: number
  /** The body of the answer is likely large, and is read as `TransportRequest.bulk` says. */
  readonly bulk?: BulkReading
}

/** Where an answer came from. */
export interface Answer {
  readonly response: TransportResponse
  /** After redirects. */
  readonly url: URL
}

/** What a body may be. */
export interface Bounds {
  /** In bytes. */
  readonly limit: number
  /** The error above it. Default E_LIMIT. */
  readonly code?: ErrorCode
}

const NOBODY: Authorization = { isFresh: false }
/** Answers to challenges within one request: one to log in, one for a token that has expired or a scope that was missing. */
const LOGINS = 2

/** One server that answers for a repository, with authentication, redirects and retries. */
export class Server {
  readonly endpoint: Endpoint
  /** Host and port. */
  readonly host: string
  /** Scheme, host and port: the only place that is told who asks. */
  readonly origin: string
  readonly #network: Network
  readonly #authorizer: Authorizer | undefined

  /** Without an authorizer nobody is told who asks. */
  constructor(endpoint: Endpoint, shared: { readonly network: Network; readonly authorizer?: Authorizer }) {
    this.endpoint = endpoint
    const url = new URL(endpoint.origin)
    this.host = url.host
    this.origin = url.origin
    this.#network = shared.network
    this.#authorizer = shared.authorizer
  }

  /** Whether a chunk of a body may lie in the memory of the one before. */
  get waitsForChunks(): boolean {
    return this.#network.waitsForChunks
  }

  /** The head of the answer, after retries. Its body is the caller's to read or discard. */
  ask(asking: Asking, call: Call): Promise<Answer> {
    return this.#retrying(asking, call, () => this.#authorized(asking, call))
  }

  /** The answer with its whole body, after retries. */
  read(
    asking: Asking,
    call: Call,
    bounds: Bounds,
  ): Promise<{ readonly answer: Answer; readonly bytes: Buffer }> {
    return this.#retrying(asking, call, async () => {
      const answer = await this.#authorized(asking, call)
      const bytes = await readBody(answer.response, { ...bounds, host: this.host, what: asking.asked })
      return { answer, bytes }
    })
  }

  /** As `ask`, once: for requests whose retry needs more than sending them again. */
  askOnce(asking: Asking, call: Call): Promise<Answer> {
    return this.#authorized(asking, call)
  }

  /** Milliseconds until what failed is tried again; undefined when it is not. Tells the call. */
  waitAfter(error: unknown, tried: number, call: Call): number | undefined {
    return this.#network.waitAfter(error, tried, { call, ...this.#about })
  }

  sleep(milliseconds: number, call: Call): Promise<void> {
    return this.#network.clock.sleep(milliseconds, call.signal)
  }

  #retrying<T>({ asked }: Pick<Asking, 'asked'>, call: Call, work: () => Promise<T>): Promise<T> {
    return this.#network.retrying(work, {
      call,
      asked,
      ...this.#about,
    })
  }

  get #about(): { readonly origin: string; readonly isMirror: boolean } {
    return { origin: this.origin, isMirror: this.endpoint.isMirror }
  }

  async #authorized(asking: Asking, call: Call): Promise<Answer> {
    const { repository } = this.endpoint
    const own = repository === '' ? [] : [repositoryScope(repository, asking.access ?? 'pull')]
    const scopes = [...own, ...(asking.scopes ?? [])]
    for (let logins = 0; ; logins++) {
      const used = (await this.#authorizer?.authorization(this.endpoint, scopes, call)) ?? NOBODY
      const answer = await this.#redirected(asking, used, call)
      const { response, url } = answer
      const redact = redactAuthorization(used.header)
      call.warn(url.host, response.headers.warning, redact)
      if ((asking.accept ?? [200]).includes(response.status)) {
        checkEncoding(response, { host: url.host, asked: asking.asked, redact })
        return answer
      }
      if (response.status === 401 && url.origin === this.origin && logins < LOGINS) {
        const header = response.headers['www-authenticate']
        if (await this.#isWorthAnother(response, { header, scopes, used }, call)) continue
      }
      throw await statusError(response, {
        host: url.host,
        asked: asking.asked,
        login: this.endpoint.credentialKey.split('/', 1)[0]!,
        otherwise: asking.otherwise ?? 'E_REG_REFUSED',
        now: this.#network.clock.now(),
        redact,
      })
    }
  }

  async #isWorthAnother(
    response: TransportResponse,
    answer: { header: string | undefined; scopes: readonly string[]; used: Authorization },
    call: Call,
  ): Promise<boolean> {
    try {
      const isWorth = (await this.#authorizer?.challenged(this.endpoint, answer, call)) ?? false
      if (isWorth) response.discard()
      return isWorth
    } catch (error) {
      response.discard()
      throw error
    }
  }

  /** distribution-spec, "API": redirects are followed, and no other host is told who asks. */
  async #redirected(asking: Asking, used: Authorization, call: Call): Promise<Answer> {
    const { method, headers, asked } = asking
    const chain: string[] = []
    let url = this.#urlOf(asking.target)
    // Whoever was sent away is not trusted to be led back.
    let isAtHome = url.origin === this.origin
    for (;;) {
      const authorization = isAtHome && used.header !== undefined ? { authorization: used.header } : {}
      const tls = this.#tlsFor(url)
      const response = await this.#network.send(
        {
          method,
          url,
          headers: { ...headers, ...authorization },
          ...(asking.body !== undefined && { body: asking.body() }),
          ...(tls !== undefined && { tls }),
          ...(asking.patience !== undefined && { patience: asking.patience }),
          ...(asking.bulk !== undefined && { bulk: asking.bulk }),
          ...(call.signal !== undefined && { signal: call.signal }),
        },
        asked,
      )
      const next = redirectTarget(url, response, chain.length)
      chain.push(shownUrl(url))
      if (next.kind === 'none') return { response, url }
      response.discard()
      const isKept =
        method === 'GET' || method === 'HEAD' || response.status === 307 || response.status === 308
      if (next.kind === 'refuse' || !isKept) {
        const problem = next.kind === 'refuse' ? next.problem : `redirects a ${method} by ${response.status}`
        const target = next.kind === 'refuse' ? next.target : next.url.origin
        const redact = redactAuthorization(used.header)
        throw registryError(
          'E_REG_REDIRECT',
          { host: url.host, problem: `${asked}: ${redact(problem)}` },
          { data: { chain: chain.map(redact), target: redact(target) } },
        )
      }
      url = next.url
      isAtHome &&= url.origin === this.origin
    }
  }

  #urlOf(target: string | URL): URL {
    if (target instanceof URL) return target
    const { origin, repository } = this.endpoint
    const base = `${origin.replace(/\/$/, '')}/v2/`
    return new URL(repository === '' ? base : `${base}${repository}/${target}`)
  }

  /** An authority that is trusted for the registry is for its storage; our key is for the registry alone. */
  #tlsFor(url: URL): EndpointTls | undefined {
    const { tls } = this.endpoint
    if (tls === undefined || url.hostname === new URL(this.origin).hostname) return tls
    return tls.ca === undefined ? undefined : { ca: tls.ca }
  }
}
