import { isSpace } from './go-text.js'

export interface ExtractedFlags {
  readonly flags: readonly string[]
  /** What stands behind the flags, untrimmed. */
  readonly rest: string
}

/**
 * Takes the words that start with `--` off the front of an instruction's arguments. Quotes group and vanish,
 * the escape character takes the next one as it is, and a bare `--` ends the flags.
 */
export function extractFlags(text: string, escapeToken: string): ExtractedFlags {
  const flags: string[] = []
  let at = 0
  for (;;) {
    while (at < text.length && isSpace(text.charAt(at))) at++
    if (!text.startsWith('--', at)) return { flags, rest: text.slice(at) }
    const { word, end } = readFlag(text, at, escapeToken)
    at = end
    if (word === '--') return { flags, rest: text.slice(at) }
    flags.push(word)
  }
}

function readFlag(text: string, start: number, escapeToken: string): { word: string; end: number } {
  let word = ''
  let quote = ''
  let at = start
  for (; at < text.length; at++) {
    let character = text.charAt(at)
    if (quote === '' && isSpace(character)) break
    if (quote === '' ? character === '"' || character === "'" : character === quote) {
      quote = quote === '' ? character : ''
      continue
    }
    if (character === escapeToken) {
      // An escape character at the very end has nothing to escape and is dropped.
      if (at + 1 === text.length) continue
      character = text.charAt(++at)
    }
    word += character
  }
  return { word, end: at }
}
