import type { Endpoint, EndpointPolicy } from './endpoint.js'
import { isLoopbackHost } from './loopback-host.js'
import { serverHost } from './server-host.js'

export interface PlainEndpointOptions {
  /** Hosts, with their port if it is not 80, that are spoken to over http: `registry.lan:5000`. */
  readonly insecure?: readonly string[]
}

const ALL = new Set(['pull', 'resolve', 'push'] as const)

/**
 * The registry itself and nobody else, by https; by http only on this machine, as Docker does for 127.0.0.0/8, and
 * where `insecure` says so. @throws E_REF for a host that can be none
 */
export function plainEndpoints(options: PlainEndpointOptions = {}): EndpointPolicy {
  return async (repository) => {
    const slash = repository.indexOf('/')
    const domain = slash < 0 ? repository : repository.slice(0, slash)
    const host = serverHost(domain)
    const isPlain = isLoopbackHost(host) || options.insecure?.includes(host) === true
    const endpoint: Endpoint = {
      origin: `${isPlain ? 'http' : 'https'}://${host}`,
      repository: slash < 0 ? '' : repository.slice(slash + 1),
      isMirror: false,
      capabilities: ALL,
      credentialKey: repository,
    }
    return [endpoint]
  }
}
