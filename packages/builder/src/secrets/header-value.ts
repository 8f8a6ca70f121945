import { secretError } from './secret-error.js'

/**
 * A secret as (part of) the value of a header: line ends that a file of it has at its end are left out. Undefined for
 * an empty one, which stands for none. @throws E_SECRET_VALUE for what no header can hold
 */
export function headerValue(id: string, secret: Uint8Array): string | undefined {
  const text = Buffer.from(secret.buffer, secret.byteOffset, secret.length).toString('latin1')
  const value = text.replace(/[\r\n]+$/, '')
  if (value === '') return undefined
  if (!/[\x00-\x08\x0a-\x1f\x7f]/.test(value)) return value
  throw secretError(
    'E_SECRET_VALUE',
    { id, problem: 'it has line ends or control characters, which a header cannot hold' },
    { hint: 'a token is one line of text' },
  )
}
