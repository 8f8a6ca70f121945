// Text as Go's standard library sees it: the reference behaviour was defined with these functions, and
// JavaScript's own (`\s`, `trim`, `toLowerCase`) differ from them in a few characters.

const SPACE = /[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/
const ASCII = /^[\x00-\x7f]*$/
const LEADING = new RegExp(`^${SPACE.source}+`)

/** True for the characters of Go's `unicode.IsSpace`: U+0085 is one, U+FEFF is none. */
export function isSpace(character: string): boolean {
  return SPACE.test(character)
}

export function trimLeftSpace(text: string): string {
  return text.replace(LEADING, '')
}

export function trimSpace(text: string): string {
  let end = text.length
  while (end > 0 && isSpace(text.charAt(end - 1))) end--
  return trimLeftSpace(text.slice(0, end))
}

/** Lower case one character at a time, so that the result has as many characters as the text. */
export function lowerCase(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase()
  return mapCharacters(text, (character) =>
    character === '\u0130' ? 'i' : single(character.toLowerCase(), character),
  )
}

/** Upper case one character at a time; what has no single upper-case character (ß) stays. */
export function upperCase(text: string): string {
  if (ASCII.test(text)) return text.toUpperCase()
  return mapCharacters(text, (character) => single(character.toUpperCase(), character))
}

function mapCharacters(text: string, map: (character: string) => string): string {
  let result = ''
  for (const character of text) result += map(character)
  return result
}

function single(mapped: string, character: string): string {
  return [...mapped].length === 1 ? mapped : character
}

/** Order of the UTF-8 bytes, which is the order of code points and not that of UTF-16 units. */
export function compareText(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
