import type { ByteString } from '@cooperage/store'

// The white space of Unicode as Go's `unicode.IsSpace` has it, in UTF-8 bytes. Unlike JavaScript's `trim`, U+FEFF is
// not part of it and U+0085 is.
const SPACE =
  '(?:[\\t-\\r ]|\\xc2[\\x85\\xa0]|\\xe1\\x9a\\x80|\\xe2\\x80[\\x80-\\x8a\\xa8\\xa9\\xaf]|\\xe2\\x81\\x9f|\\xe3\\x80\\x80)'
const LEADING = new RegExp(`${SPACE}+`, 'y')
const TRAILING = new RegExp(`${SPACE}$`)
const MAY_END = /[\t-\r \x80-\xaf]$/

/** Go's `strings.TrimSpace` on bytes. */
export function trimSpace(text: ByteString): ByteString {
  LEADING.lastIndex = 0
  const start = LEADING.test(text) ? LEADING.lastIndex : 0
  let end = text.length
  // One character at a time and only near the end: a regular expression for the whole run would be quadratic.
  while (end > start) {
    const tail = text.slice(Math.max(start, end - 3), end)
    const found = MAY_END.test(tail) ? TRAILING.exec(tail) : null
    if (!found) break
    end -= found[0].length
  }
  return text.slice(start, end)
}
