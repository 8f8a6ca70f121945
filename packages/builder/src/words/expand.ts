import { Expander, type Expansion, type ExpansionOptions } from './expander.js'

export type { Environment } from './environment.js'
export type { Expansion, ExpansionOptions } from './expander.js'

/**
 * Expands variables, quotes and escapes in one word, as BuildKit's shell lexer does. The forms `$x`, `${x}`,
 * `${x:-w}`, `${x-w}`, `${x:+w}`, `${x+w}`, `${x:?m}`, `${x?m}`, `${x#p}`, `${x##p}`, `${x%p}`, `${x%%p}`,
 * `${x/p/r}` and `${x//p/r}` may nest.
 * @throws E_DF_VAR for a fault in the word or a variable it demands, E_LIMIT for a result that grows too large
 */
export function expandWord(text: string, options: ExpansionOptions): Expansion {
  return new Expander(text, options).run()
}

/**
 * Expands as `expandWord` and splits at blanks that neither quotes nor escapes protect; blanks that came out of a
 * variable split too. @throws E_DF_VAR, E_LIMIT
 */
export function expandWords(text: string, options: ExpansionOptions): readonly string[] {
  return expandWord(text, options).words
}
