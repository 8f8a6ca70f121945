import { isCooperageError } from '../errors.js'
import { registryError } from './transport/registry-error.js'

/** What is wrong with something that was read is said of the server that sent it: another may have it right. */
export function saidBy<T>(about: { readonly host: string; readonly asked: string }, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (!isCooperageError(cause)) throw cause
    const { host, asked } = about
    const { code, message, hint, data } = cause
    throw registryError(code, { host, problem: `${asked}: ${message}` }, { hint, data, cause })
  }
}
