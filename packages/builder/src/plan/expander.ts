import { type Expansion, expandWord, expandWords } from '../words/expand.js'

type Matches = Pick<Expansion, 'text' | 'matched' | 'unmatched'>
type Variables = ReadonlyMap<string, string>

/** Expansion of words in one Dockerfile. All throw E_DF_VAR without a location. */
export interface Expander {
  readonly word: (text: string, env: Variables) => string
  /** Expanded and split into words. */
  readonly words: (text: string, env: Variables) => readonly string[]
  /** As `word`, with the names that had a value and those that had none. */
  readonly match: (text: string, env: Variables) => Matches
  /** The body of a here-document, as `match`: quotes stay, and the escape is `\` in every file. */
  readonly matchDocument: (text: string, env: Variables) => Matches
}

/** The expander of a file that has this escape character. */
export function createExpander(escapeCharacter: string): Expander {
  return {
    word: (text, env) => expandWord(text, { env, escape: escapeCharacter }).text,
    words: (text, env) => expandWords(text, { env, escape: escapeCharacter }),
    match: (text, env) => expandWord(text, { env, escape: escapeCharacter }),
    matchDocument: (text, env) => expandWord(text, { env, skipQuotes: true }),
  }
}
