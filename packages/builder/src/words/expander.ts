import { CooperageError } from '@cooperage/store'
import { goQuote } from '../dockerfile/go-quote.js'
import { type Environment, lookUpIn } from './environment.js'
import { ShellPatternError } from './shell-pattern.js'
import { replacePattern, trimPrefix, trimSuffix } from './substitute.js'
import { WordSplitter } from './word-splitter.js'

export interface ExpansionOptions {
  readonly env: Environment
  /** The escape character of the Dockerfile. Default `\`. */
  readonly escape?: string
  /** Quotes stay in the result; what they hold is treated as ever. */
  readonly rawQuotes?: boolean
  /** Escape characters stay in the result. */
  readonly rawEscapes?: boolean
  /** Quotes are ordinary characters. */
  readonly skipQuotes?: boolean
  /** A variable that is not set stays as it was written. */
  readonly skipUnset?: boolean
  /** Largest result, in UTF-16 units. Default 8 Mi. */
  readonly limit?: number
}

export interface Expansion {
  readonly text: string
  /** The result split at unprotected blanks. */
  readonly words: readonly string[]
  /** Names that were looked up and found. */
  readonly matched: ReadonlySet<string>
  /** Names that were looked up and not found. */
  readonly unmatched: ReadonlySet<string>
}

const DEFAULT_LIMIT = 8 * 1024 * 1024
const MAX_DEPTH = 500
const SPECIAL_PARAMETERS = '@*#?-$!0'
const NAME_CHARACTER = /^[\p{L}\p{Nd}_]$/u
const BLANK = /^[ \t\r\n]$/
const DIGIT = /^\p{Nd}$/u

/** A fault in the word; the word itself is named where all of it is known. */
class ExpansionFault extends Error {}

/** One reading of one word: used once. */
export class Expander {
  readonly #source: string
  readonly #characters: readonly string[]
  readonly #options: ExpansionOptions
  readonly #valueOf: (name: string) => string | undefined
  readonly #escape: string
  readonly #limit: number
  readonly #splitter = new WordSplitter()
  readonly #matched = new Set<string>()
  readonly #unmatched = new Set<string>()
  #rawEscapes: boolean
  #at = 0
  #depth = 0

  constructor(source: string, options: ExpansionOptions) {
    this.#source = source
    const characters = [...source]
    // Go's scanner, under BuildKit's lexer, drops a byte order mark at the start of a word.
    this.#characters = characters[0] === '\ufeff' ? characters.slice(1) : characters
    this.#options = options
    this.#valueOf = lookUpIn(options.env)
    this.#escape = options.escape ?? '\\'
    this.#rawEscapes = options.rawEscapes ?? false
    this.#limit = options.limit ?? DEFAULT_LIMIT
  }

  /** @throws E_DF_VAR, E_LIMIT */
  run(): Expansion {
    try {
      const text = this.#readUntil(undefined, this.#rawEscapes)
      return { text, words: this.#splitter.finish(), matched: this.#matched, unmatched: this.#unmatched }
    } catch (error) {
      if (!(error instanceof ExpansionFault)) throw error
      throw new CooperageError('E_DF_VAR', `failed to process ${goQuote(this.#source)}: ${error.message}`, {
        data: { text: this.#source, reason: error.message },
      })
    }
  }

  /** Operands of substitutions make no words of their own; what they yield is split as a value. */
  get #words(): WordSplitter | undefined {
    return this.#depth === 1 ? this.#splitter : undefined
  }

  #peek(): string | undefined {
    return this.#characters[this.#at]
  }

  /** Reads to the stop character, which is consumed; without one to the end. */
  #readUntil(stop: string | undefined, rawEscapes: boolean): string {
    if (this.#depth > MAX_DEPTH) throw tooMuch(`substitutions are nested deeper than ${MAX_DEPTH}`, MAX_DEPTH)
    const outer = this.#rawEscapes
    this.#rawEscapes = rawEscapes
    this.#depth++
    let result = ''
    let stopped = false
    while (this.#at < this.#characters.length && !stopped) {
      const character = this.#peek()
      if (character === stop) {
        this.#at++
        stopped = true
      } else result = this.#bounded(result + this.#readPiece())
    }
    this.#depth--
    this.#rawEscapes = outer
    if (stop !== undefined && !stopped) {
      throw new ExpansionFault(`unexpected end of statement while looking for matching ${stop}`)
    }
    return result
  }

  #bounded(text: string): string {
    if (text.length <= this.#limit) return text
    throw tooMuch(`the expansion of a word is longer than ${this.#limit} characters`, this.#limit)
  }

  #readPiece(): string {
    const character = this.#peek()!
    if (character === '$') {
      const value = this.#readDollar()
      this.#words?.addSplit(value)
      return value
    }
    const quoted = character === "'" || character === '"'
    if (quoted && !this.#options.skipQuotes) {
      const value = character === "'" ? this.#readSingleQuoted() : this.#readDoubleQuoted()
      this.#words?.addWhole(value)
      return value
    }
    if (character === '<') return this.#readPossibleHeredoc()
    this.#at++
    if (character !== this.#escape) {
      this.#words?.addSplit(character)
      return character
    }
    const escaped = (this.#rawEscapes ? character : '') + (this.#peek() ?? '')
    this.#at++
    this.#words?.addWhole(escaped)
    return escaped
  }

  /** Blanks behind `<<` stay with it, so that `<< EOF` is one word. */
  #readPossibleHeredoc(): string {
    const start = this.#at++
    if (this.#peek() === '<') {
      this.#at++
      while (BLANK.test(this.#peek() ?? '')) this.#at++
    }
    const opening = this.#characters.slice(start, this.#at).join('')
    this.#words?.addWhole(opening)
    return opening
  }

  #readSingleQuoted(): string {
    const end = this.#characters.indexOf("'", this.#at + 1)
    if (end < 0) {
      this.#at = this.#characters.length
      throw new ExpansionFault('unexpected end of statement while looking for matching single-quote')
    }
    const raw = this.#options.rawQuotes ? 0 : 1
    const value = this.#characters.slice(this.#at + raw, end + 1 - raw).join('')
    this.#at = end + 1
    return value
  }

  /** Only the closing quote, `$` and the escape character itself can be escaped; other escapes are two characters. */
  #readDoubleQuoted(): string {
    const mark = this.#options.rawQuotes ? '"' : ''
    let result = mark
    this.#at++
    for (let character = this.#peek(); character !== '"'; character = this.#peek()) {
      if (character === undefined) {
        throw new ExpansionFault('unexpected end of statement while looking for matching double-quote')
      }
      if (character === '$') {
        result = this.#bounded(result + this.#readDollar())
        continue
      }
      this.#at++
      if (character !== this.#escape) {
        result += character
        continue
      }
      if (this.#rawEscapes) result += character
      const escaped = this.#peek()
      if (escaped === undefined) continue
      if (escaped !== '"' && escaped !== '$' && escaped !== this.#escape) result += character
      else {
        result += escaped
        this.#at++
      }
    }
    this.#at++
    return result + mark
  }

  #readDollar(): string {
    this.#at++
    if (this.#peek() !== '{') {
      const name = this.#readName()
      if (name === '') return '$'
      return this.#lookUp(name) ?? (this.#options.skipUnset ? `$${name}` : '')
    }
    this.#at++
    const first = this.#peek()
    if (first === undefined) throw new ExpansionFault("syntax error: missing '}'")
    if ('{}:'.includes(first)) throw new ExpansionFault('syntax error: bad substitution')
    const name = this.#readName()
    const operator = this.#take()
    if (operator === '}') return this.#lookUp(name) ?? (this.#options.skipUnset ? `\${${name}}` : '')
    if (operator === '/') return this.#replace(name)
    const emptyIsUnset = operator === ':'
    const modifier = emptyIsUnset ? this.#take() : operator
    const written = emptyIsUnset ? `:${modifier}` : modifier
    const trims = modifier === '#' || modifier === '%'
    // After a colon anything is read up to the brace first, as BuildKit does, so a missing brace is what is reported.
    if ((!emptyIsUnset && !'+-?#%'.includes(modifier)) || (emptyIsUnset && trims)) {
      throw new ExpansionFault(`unsupported modifier (${written}) in substitution`)
    }
    return this.#modify(name, modifier, written)
  }

  /** The next character; past the end U+FFFD, as Go prints it. */
  #take(): string {
    return this.#characters[this.#at++] ?? '\ufffd'
  }

  #modify(name: string, modifier: string, written: string): string {
    const trims = modifier === '#' || modifier === '%'
    const word = this.#readOperand('}', trims, "syntax error: missing '}'")
    const value = this.#lookUp(name)
    const empty = written.startsWith(':') && value === ''
    const isSet = value !== undefined && !empty
    const unset = value === undefined && this.#options.skipUnset ? `\${${name}${written}${word}}` : undefined
    switch (modifier) {
      case '-':
        return isSet ? value : (unset ?? word)
      case '+':
        return unset ?? (isSet ? word : '')
      case '?':
        if (isSet) return value
        if (unset !== undefined) return unset
        throw new ExpansionFault(`${name}: ${word || `is not allowed to be ${empty ? 'empty' : 'unset'}`}`)
      case '#':
      case '%': {
        if (unset !== undefined) return unset
        const longest = word.startsWith(modifier)
        const pattern = longest ? word.slice(1) : word
        const trim = modifier === '#' ? trimPrefix : trimSuffix
        return withPattern(pattern, () => trim(value ?? '', pattern, longest))
      }
      default:
        throw new ExpansionFault(`unsupported modifier (${written}) in substitution`)
    }
  }

  #replace(name: string): string {
    const all = this.#peek() === '/'
    if (all) this.#at++
    const pattern = this.#readOperand('/', true, "syntax error: missing '/' in ${}")
    const text = this.#readOperand('}', true, "syntax error: missing '}'")
    const value = this.#lookUp(name)
    if (value === undefined && this.#options.skipUnset) return `\${${name}/${pattern}/${text}}`
    return withPattern(pattern, () =>
      this.#bounded(replacePattern(value ?? '', { pattern, text, all, limit: this.#limit })),
    )
  }

  /** Any fault that shows only at the end of the word is reported as the missing end mark. */
  #readOperand(stop: string, rawEscapes: boolean, missing: string): string {
    try {
      const operand = this.#readUntil(stop, rawEscapes)
      // BuildKit gathers words in one buffer that an operand empties, so splitting `a${X:-b}` yields `b` (the
      // unsplit text is whole). The same Dockerfile must give the same words here.
      this.#splitter.discard()
      return operand
    } catch (error) {
      if (error instanceof ExpansionFault && this.#peek() === undefined) throw new ExpansionFault(missing)
      throw error
    }
  }

  /** Letters, digits and `_`; or only digits; or one special parameter; or nothing. */
  #readName(): string {
    const first = this.#peek()
    if (first === undefined) return ''
    const start = this.#at
    if (DIGIT.test(first)) while (DIGIT.test(this.#peek() ?? '')) this.#at++
    else if (SPECIAL_PARAMETERS.includes(first)) this.#at++
    else while (NAME_CHARACTER.test(this.#peek() ?? '')) this.#at++
    return this.#characters.slice(start, this.#at).join('')
  }

  #lookUp(name: string): string | undefined {
    const value = this.#valueOf(name)
    ;(value === undefined ? this.#unmatched : this.#matched).add(name)
    return value
  }
}

function withPattern(pattern: string, apply: () => string): string {
  try {
    return apply()
  } catch (error) {
    if (!(error instanceof ShellPatternError)) throw error
    throw new ExpansionFault(`invalid pattern (${pattern}) in substitution: ${error.message}`)
  }
}

function tooMuch(message: string, limit: number): CooperageError {
  return new CooperageError('E_LIMIT', message, {
    hint: 'a variable that holds itself twice doubles with every line',
    data: { limit },
  })
}
