import { type CooperageError, isCooperageError } from '../../errors.js'
import { registryError } from '../transport/registry-error.js'

/** Content that is not what was named is the doing of the server it came from; other errors stay as they are. */
export function blame(error: unknown, about: { readonly host: string; readonly digest: string }): unknown {
  if (!isCooperageError(error)) return error
  const { code, message, data, hint } = error
  if (code !== 'E_SIZE_MISMATCH' && code !== 'E_DIGEST_MISMATCH') return error
  const { host, digest } = about
  const blamed: CooperageError = registryError(
    code,
    { host, problem: `blob ${digest}: ${message}` },
    { hint, data: { digest, ...data }, cause: error },
  )
  return blamed
}
