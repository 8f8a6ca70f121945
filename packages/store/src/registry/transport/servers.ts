import { type CooperageError, isCooperageError } from '../../errors.js'
import type { Endpoint, EndpointPolicy } from '../endpoint.js'
import type { Call } from './call.js'
import { registryError } from './registry-error.js'
import type { Server } from './server.js'

/** What a mirror that fails this way will fail for every other request as well. */
const LOST = new Set([
  'E_DNS',
  'E_CONNECT',
  'E_TLS',
  'E_PROXY',
  'E_TIMEOUT',
  'E_REG_PROTOCOL',
  'E_REG_SERVER',
  'E_REG_RATE',
  'E_CREDENTIALS',
  'E_CREDENTIALS_HELPER_MISSING',
])

/** The servers of a repository, in order. */
export class Servers {
  /** `docker.io/library/debian`. */
  readonly repository: string
  readonly #all: readonly Server[]

  constructor(repository: string, all: readonly Server[]) {
    this.repository = repository
    this.#all = all
  }

  static async find(
    repository: string,
    options: { readonly policy: EndpointPolicy; readonly open: (endpoint: Endpoint) => Server },
  ): Promise<Servers> {
    const endpoints = await options.policy(repository)
    return new Servers(repository, endpoints.map(options.open))
  }

  /** The one server that is written to. @throws E_REG_BLOCKED when none takes what is pushed */
  forPush(): Server {
    const server = this.#all.filter(({ endpoint }) => endpoint.capabilities.has('push')).at(-1)
    if (server === undefined) throw nobody(this.repository, 'push')
    return server
  }

  /**
   * Asks one server after the other until one answers. What the last of them says is the error; why the mirrors before
   * it were passed over is told by events.
   */
  firstOf<T>(capability: 'pull' | 'resolve', call: Call, ask: (server: Server) => Promise<T>): Promise<T> {
    const able = this.#all.filter(({ endpoint }) => endpoint.capabilities.has(capability))
    const left = able.filter(({ origin, endpoint }) => !endpoint.isMirror || !call.lost.has(origin))
    return this.#firstOf(left.length > 0 ? left : able, call, ask)
  }

  /** For lists: a mirror has what it was asked for, and knows of no more. */
  withoutMirrors<T>(call: Call, ask: (server: Server) => Promise<T>): Promise<T> {
    const able = this.#all.filter(
      ({ endpoint }) => endpoint.capabilities.has('resolve') && !endpoint.isMirror,
    )
    return this.#firstOf(able, call, ask)
  }

  async #firstOf<T>(servers: readonly Server[], call: Call, ask: (server: Server) => Promise<T>): Promise<T> {
    for (const [index, server] of servers.entries()) {
      try {
        return await ask(server)
      } catch (error) {
        call.signal?.throwIfAborted()
        if (index === servers.length - 1 || !isOfServer(error, server)) throw error
        const { code, message } = error
        if (LOST.has(code)) call.lost.add(server.origin)
        call.emit({ kind: 'passed-over', host: server.host, code, message })
      }
    }
    throw nobody(this.repository, 'pull')
  }
}

/**
 * False for what the next server cannot help: the store, the caller, a fault of ours. What is wrong with a mirror's
 * credentials on this machine is a mirror's affair: the registry has its own.
 */
function isOfServer(error: unknown, { endpoint }: Server): error is CooperageError {
  if (!isCooperageError(error)) return false
  return error.category === 'network' || (endpoint.isMirror && error.code.startsWith('E_CREDENTIALS'))
}

function nobody(repository: string, capability: string): Error {
  const [domain = ''] = repository.split('/', 1)
  const problem = `no server is configured to ${capability} ${repository}`
  return registryError('E_REG_BLOCKED', { host: domain, problem })
}
