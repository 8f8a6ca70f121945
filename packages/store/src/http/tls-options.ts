import { readFileSync } from 'node:fs'
import tls, { type SecureContextOptions } from 'node:tls'
import type { EndpointTls } from '../registry/endpoint.js'

type Variables = Readonly<Record<string, string | undefined>>

/** What `tls.connect` must be told so that it trusts these authorities beside its own. */
export function tlsOptions(
  endpoint: EndpointTls | undefined,
  environment: Variables,
): SecureContextOptions & { readonly rejectUnauthorized?: boolean } {
  if (endpoint === undefined) return {}
  const { ca, cert, key, skipVerify } = endpoint
  return {
    ...(ca !== undefined && ca.length > 0 && { ca: [...trustedRoots(environment), ...ca] }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(skipVerify === true && { rejectUnauthorized: false }),
  }
}

/** A list of our own replaces that of Node, which has no call to ask for its whole list before 22.15. */
function trustedRoots(environment: Variables): readonly string[] {
  const { getCACertificates } = tls as { getCACertificates?: (type: 'default') => string[] }
  if (getCACertificates !== undefined) return getCACertificates('default')
  const extra = environment.NODE_EXTRA_CA_CERTS
  return extra === undefined || extra === ''
    ? tls.rootCertificates
    : [...tls.rootCertificates, ...read(extra)]
}

/** Node itself goes on with a warning when it cannot read the file. */
function read(path: string): string[] {
  try {
    return [readFileSync(path, 'utf8')]
  } catch {
    return []
  }
}
