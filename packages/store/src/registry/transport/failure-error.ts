import { type CooperageError, type ErrorCode, hasErrno } from '../../errors.js'
import type { FailureKind } from '../../http/transport.js'
import type { TransportFailure } from '../../http/transport-failure.js'
import { registryError } from './registry-error.js'

const CODES: Readonly<Record<FailureKind, ErrorCode>> = {
  dns: 'E_DNS',
  connect: 'E_CONNECT',
  tls: 'E_TLS',
  proxy: 'E_PROXY',
  timeout: 'E_TIMEOUT',
  reset: 'E_CONNECT',
  protocol: 'E_REG_PROTOCOL',
}

/** The error for a request that got no answer, or not all of one. `asked`: what for. */
export function failureError(
  failure: TransportFailure,
  about: { readonly asked: string; readonly bytes?: number },
): CooperageError {
  const { kind, phase } = failure
  const { host } = new URL(failure.url)
  const bytes = about.bytes === undefined ? {} : { bytes: about.bytes }
  const after = about.bytes === undefined ? '' : ` after ${about.bytes} bytes`
  const problem = `${about.asked}: ${failure.message}${after}`
  return registryError(
    CODES[kind],
    { host, problem },
    {
      hint: hintOf(failure),
      data: { phase, failure: kind, temporary: isTemporary(failure), ...bytes },
      cause: failure.cause ?? failure,
    },
  )
}

/** What may be gone the next time, whatever the server. */
function isTemporary({ kind, cause }: TransportFailure): boolean {
  return kind === 'reset' || (kind === 'dns' && hasErrno(cause, 'EAI_AGAIN'))
}

function hintOf({ kind, cause }: TransportFailure): string | undefined {
  switch (kind) {
    case 'dns':
      return 'check the name of the registry, and whether a proxy is needed'
    case 'proxy':
      return 'check HTTP_PROXY, HTTPS_PROXY and NO_PROXY'
    case 'timeout':
      return 'try again; what was received is kept'
    case 'tls':
      return isPlainServer(cause)
        ? 'the server does not seem to speak TLS; http is spoken only where a configuration allows it'
        : 'a certificate authority of your own is named with NODE_EXTRA_CA_CERTS, or in certs.d'
    case 'protocol':
      return 'check that this is the address of a registry, and whether it wants https'
    default:
      return 'check that the registry can be reached from this machine'
  }
}

function isPlainServer(cause: unknown): boolean {
  return cause instanceof Error && /wrong version number|packet length too long|EPROTO/i.test(cause.message)
}
