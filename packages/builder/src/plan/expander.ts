import { expandWord, expandWords } from '../words/expand.js'

type Variables = ReadonlyMap<string, string>

/** Expansion of words in one Dockerfile. All throw E_DF_VAR without a location. */
export interface Expander {
  readonly word: (text: string, env: Variables) => string
  /** Expanded and split into words. */
  readonly words: (text: string, env: Variables) => readonly string[]
  /** The body of a here-document: quotes stay, and the escape is `\` in every file. */
  readonly document: (text: string, env: Variables) => string
  /** As `word`, with the names that had no value. */
  readonly match: (
    text: string,
    env: Variables,
  ) => { readonly text: string; readonly unmatched: ReadonlySet<string> }
}

/** The expander of a file that has this escape character. */
export function createExpander(escapeCharacter: string): Expander {
  return {
    word: (text, env) => expandWord(text, { env, escape: escapeCharacter }).text,
    words: (text, env) => expandWords(text, { env, escape: escapeCharacter }),
    document: (text, env) => expandWord(text, { env, skipQuotes: true }).text,
    match: (text, env) => expandWord(text, { env, escape: escapeCharacter }),
  }
}
