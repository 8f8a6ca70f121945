/** A header of more than this is refused by common servers. */
const LONGEST_TOKEN = 64 << 10
const TOKEN = /^[\x21-\x7e]+$/

/** True for what can stand in a header after `Bearer`. */
export function isToken(value: unknown): value is string {
  return typeof value === 'string' && value.length <= LONGEST_TOKEN && TOKEN.test(value)
}
