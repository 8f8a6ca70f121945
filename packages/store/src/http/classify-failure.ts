import type { FailureKind, TransportPhase } from './transport.js'
import { TransportFailure } from './transport-failure.js'

const KINDS: Readonly<Record<string, FailureKind>> = {
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  EAI_FAIL: 'dns',
  EAI_NODATA: 'dns',
  EAI_NONAME: 'dns',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ERR_STREAM_PREMATURE_CLOSE: 'reset',
  ERR_STREAM_DESTROYED: 'reset',
  ECONNREFUSED: 'connect',
  EHOSTUNREACH: 'connect',
  ENETUNREACH: 'connect',
  EHOSTDOWN: 'connect',
  ENETDOWN: 'connect',
  EADDRNOTAVAIL: 'connect',
  EINVAL: 'connect',
  EACCES: 'connect',
  EPERM: 'connect',
  ETIMEDOUT: 'timeout',
  EPROTO: 'tls',
}

/** OpenSSL's names for a certificate that does not convince, as Node hands them on. */
const CERTIFICATE =
  /^(?:ERR_TLS_|ERR_SSL_|ERR_OSSL_|CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_|INVALID_)/

/** What Node's error of a connection means; undefined for an error that is not one of a connection. */
export function classifyFailure(
  error: unknown,
  at: { readonly url: URL; readonly phase: TransportPhase },
): TransportFailure | undefined {
  if (error instanceof TransportFailure) return error
  if (!(error instanceof Error)) return undefined
  // One address after the other was tried; what the first said is what a person can act on.
  const inner: unknown = error instanceof AggregateError ? error.errors[0] : error
  const first = inner instanceof Error ? inner : error
  const code = (first as NodeJS.ErrnoException).code ?? ''
  const kind = kindOf(code)
  return kind && new TransportFailure(kind, { ...at, message: first.message || code, cause: error })
}

function kindOf(code: string): FailureKind | undefined {
  if (code.startsWith('HPE_')) return 'protocol'
  return KINDS[code] ?? (CERTIFICATE.test(code) ? 'tls' : undefined)
}
