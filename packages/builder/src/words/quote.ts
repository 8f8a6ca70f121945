const SHORT: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '"': '\\"',
  '\\': '\\\\',
}
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u

/** Text between double quotes as Go's `%q` writes it: what cannot be printed becomes an escape. */
export function quote(text: string): string {
  let quoted = '"'
  for (const character of text) {
    const rune = character.codePointAt(0)!
    if (SHORT[character] !== undefined) quoted += SHORT[character]
    else if (PRINTABLE.test(character)) quoted += character
    else if (rune < 0x80) quoted += `\\x${rune.toString(16).padStart(2, '0')}`
    else if (rune < 0x10000) quoted += `\\u${rune.toString(16).padStart(4, '0')}`
    else quoted += `\\U${rune.toString(16).padStart(8, '0')}`
  }
  return `${quoted}"`
}
