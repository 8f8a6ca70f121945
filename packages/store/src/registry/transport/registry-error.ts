import { CooperageError, type ErrorCode } from '../../errors.js'

interface RegistryErrorDetails {
  readonly hint?: string | undefined
  readonly data?: Readonly<Record<string, unknown>>
  readonly cause?: unknown
}

/** An error about what a server did. `host` is host and port; neither text nor data may hold a secret. */
export function registryError(
  code: ErrorCode,
  about: { readonly host: string; readonly problem: string },
  details: RegistryErrorDetails = {},
): CooperageError {
  const { hint, data, cause } = details
  return new CooperageError(code, `${about.host}: ${about.problem}`, {
    category: 'network',
    ...(hint !== undefined && { hint }),
    data: { host: about.host, ...data },
    cause,
  })
}
