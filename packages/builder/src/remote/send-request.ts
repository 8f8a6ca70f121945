import { type CooperageError, hasErrno } from '@cooperage/store'
import { nodeTransport, TransportFailure, type TransportResponse } from '@cooperage/store/http'
import { httpError } from './http-error.js'
import { DEFAULT_TIMEOUT, type RemoteOptions } from './remote-options.js'

export interface RequestOptions {
  readonly headers: Readonly<Record<string, string>>
  readonly remote: RemoteOptions
  readonly signal: AbortSignal
}

/**
 * Sends one GET and waits for the head of its answer, whatever the status; no redirect is followed. Whoever gets the
 * answer reads its body or discards it.
 * @throws E_HTTP_CONNECT, E_HTTP_TIMEOUT, E_HTTP_PROXY; the abort reason when aborted
 */
export async function sendRequest(url: URL, options: RequestOptions): Promise<TransportResponse> {
  const { headers, remote, signal } = options
  const silence = remote.timeout ?? DEFAULT_TIMEOUT
  const transport = nodeTransport({
    environment: remote.environment ?? {},
    timeouts: { connect: silence, head: silence, stall: silence },
    keepAlive: false,
  })
  try {
    return await transport.send({ method: 'GET', url, headers, signal })
  } catch (error) {
    throw error instanceof TransportFailure ? requestError(error) : error
  }
}

function requestError(failure: TransportFailure): CooperageError {
  const { kind, url, message: problem } = failure
  const about = { url, problem }
  const details = { cause: failure.cause ?? failure }
  if (kind === 'timeout') return httpError('E_HTTP_TIMEOUT', about, details)
  if (kind === 'proxy') {
    const hint = 'name a proxy as http://host:port, or the host in NO_PROXY'
    return httpError('E_HTTP_PROXY', about, { ...details, hint })
  }
  const data = { reset: kind === 'reset' }
  return httpError('E_HTTP_CONNECT', about, { ...details, hint: hintOf(failure), data })
}

function hintOf({ kind, cause }: TransportFailure): string {
  if (kind === 'dns') return 'check the name of the host, and whether a proxy is needed'
  return kind === 'tls' && !hasErrno(cause, 'EPROTO')
    ? 'a certificate authority of your own is named with the variable NODE_EXTRA_CA_CERTS'
    : 'check that the server can be reached from this machine'
}
