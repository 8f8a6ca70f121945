/** C0, DEL and C1, and what turns the direction of text or breaks lines in Unicode. */
const UNSAFE = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g

/** Text of a stranger for a message: one line, cut, and nothing in it that a terminal would obey. */
export function escapeText(text: string, limit = 300): string {
  const cut = text.length > limit ? `${text.slice(0, limit)}…` : text
  return cut.replace(UNSAFE, (character) => {
    if (character === '\n') return '\\n'
    if (character === '\t') return ' '
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}
