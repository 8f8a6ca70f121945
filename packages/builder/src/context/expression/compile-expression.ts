import { CATEGORIES, categoryRanges, complement, PERL_CLASSES, POSIX_CLASSES } from './classes.js'
import type { Program, Step } from './program.js'

const ANY_BUT_NEWLINE: Step = { kind: 'set', ranges: [0x0a, 0x0a], negated: true }
const CONTROL: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 }

/**
 * Compiles the part of Go's regular expressions that ignore patterns can reach: sets, escapes, `.`, anchors, `|` outside
 * of groups, groups, `*` and `?`. Undefined where Go reports an error.
 */
export function compileExpression(source: readonly number[]): Program | undefined {
  return new Compiler(source).whole()
}

class Compiler {
  readonly #source: readonly number[]
  #at = 0
  #failed = false

  constructor(source: readonly number[]) {
    this.#source = source
  }

  whole(): Program | undefined {
    let steps = this.#sequence(false)
    while (this.#peek() === '|') {
      this.#at++
      const other = this.#sequence(false)
      const length = steps.length
      steps = [
        { kind: 'split', target: length + 2 },
        ...steps,
        { kind: 'jump', target: other.length + 1 },
        ...other,
      ]
    }
    return this.#failed ? undefined : steps
  }

  #peek(ahead = 0): string {
    const rune = this.#source[this.#at + ahead]
    return rune === undefined ? '' : String.fromCodePoint(rune)
  }

  #fail(): Step[] {
    this.#failed = true
    this.#at = this.#source.length
    return []
  }

  #sequence(inGroup: boolean): Step[] {
    const steps: Step[] = []
    while (this.#at < this.#source.length) {
      if (this.#peek() === (inGroup ? ')' : '|')) break
      const atom = this.#atom()
      if (atom.length > 0 && this.#peek() === '*') {
        this.#at++
        steps.push({ kind: 'split', target: atom.length + 2 }, ...atom, {
          kind: 'jump',
          target: -atom.length - 1,
        })
      } else if (atom.length > 0 && this.#peek() === '?') {
        this.#at++
        steps.push({ kind: 'split', target: atom.length + 1 }, ...atom)
      } else for (const step of atom) steps.push(step)
    }
    return steps
  }

  #atom(): Step[] {
    const rune = this.#source[this.#at]!
    const character = this.#peek()
    if (character === '\\') return this.#escape()
    if (character === '[') return this.#set()
    this.#at++
    if (character === '(') {
      const group = this.#sequence(true)
      if (this.#peek() !== ')') return this.#fail()
      this.#at++
      return group
    }
    if (character === '.') return [ANY_BUT_NEWLINE]
    if (character === '^') return [{ kind: 'begin' }]
    if (character === '$') return [{ kind: 'end' }]
    if (character === '*' || character === '?') return this.#fail()
    return [literal(rune)]
  }

  #escape(): Step[] {
    const letter = this.#peek(1)
    const simple = { A: 'begin', z: 'end', b: 'wordBoundary', B: 'noWordBoundary' } as const
    if (letter in simple) {
      this.#at += 2
      return [{ kind: simple[letter as keyof typeof simple] }]
    }
    if (letter === 'Q') return this.#quoted()
    const named = this.#namedEscape()
    if (named) return [{ kind: 'set', ranges: named, negated: false }]
    const rune = this.#escapedRune()
    return rune === undefined ? this.#fail() : [literal(rune)]
  }

  /** `\Q…\E`: all of it literal; without `\E` to the end, the closing anchor included. */
  #quoted(): Step[] {
    this.#at += 2
    const steps: Step[] = []
    while (this.#at < this.#source.length) {
      if (this.#peek() === '\\' && this.#peek(1) === 'E') {
        this.#at += 2
        break
      }
      steps.push(literal(this.#source[this.#at++]!))
    }
    // A repetition after the quotation would apply to its last character alone; patterns cannot write one.
    return steps
  }

  /** `\d`, `\pL` and the like; undefined when what follows is none of them. */
  #namedEscape(): readonly number[] | undefined {
    const letter = this.#peek(1)
    const perl = PERL_CLASSES.get(letter.toLowerCase())
    if (perl) {
      this.#at += 2
      return PERL_CLASSES.has(letter) ? perl : complement(perl)
    }
    const category = this.#peek(2)
    if ((letter !== 'p' && letter !== 'P') || category === '' || !CATEGORIES.includes(category))
      return undefined
    this.#at += 3
    return letter === 'p' ? categoryRanges(category) : complement(categoryRanges(category))
  }

  /** Undefined for an escape that Go does not know: a letter, or a character that is not ASCII. */
  #escapedRune(): number | undefined {
    const letter = this.#peek(1)
    const rune = this.#source[this.#at + 1]
    if (rune === undefined) return undefined
    this.#at += 2
    if (rune < 0x80 && !/[0-9A-Za-z]/.test(letter)) return rune
    if (letter in CONTROL) return CONTROL[letter]
    if (letter === 'x') {
      const digits = this.#peek() + this.#peek(1)
      if (!/^[0-9a-fA-F]{2}$/.test(digits)) return undefined
      this.#at += 2
      return Number.parseInt(digits, 16)
    }
    // A single digit but 0 would be a reference to a group, which Go does not have.
    if (!/[0-7]/.test(letter) || (letter !== '0' && !/[0-7]/.test(this.#peek()))) return undefined
    let digits = letter
    while (digits.length < 3 && /[0-7]/.test(this.#peek())) {
      digits += this.#peek()
      this.#at++
    }
    return Number.parseInt(digits, 8)
  }

  #set(): Step[] {
    this.#at++
    const negated = this.#peek() === '^'
    if (negated) this.#at++
    const ranges: number[] = []
    for (let first = true; first || this.#peek() !== ']'; first = false) {
      if (this.#at >= this.#source.length) return this.#fail()
      const named = this.#posixClass() ?? (this.#peek() === '\\' ? this.#namedEscape() : undefined)
      if (named) {
        for (const bound of named) ranges.push(bound)
        continue
      }
      const low = this.#member()
      let high = low
      if (this.#peek() === '-' && this.#peek(1) !== '' && this.#peek(1) !== ']') {
        this.#at++
        high = this.#member()
      }
      if (low === undefined || high === undefined || high < low) return this.#fail()
      ranges.push(low, high)
    }
    this.#at++
    return [{ kind: 'set', ranges, negated }]
  }

  #member(): number | undefined {
    return this.#peek() === '\\' ? this.#escapedRune() : this.#source[this.#at++]
  }

  #posixClass(): readonly number[] | undefined {
    if (this.#peek() !== '[' || this.#peek(1) !== ':') return undefined
    let end = this.#at + 2
    while (end < this.#source.length && !(this.#source[end] === 0x3a && this.#source[end + 1] === 0x5d)) end++
    if (end >= this.#source.length) return undefined
    const name = String.fromCodePoint(...this.#source.slice(this.#at + 2, Math.min(end, this.#at + 12)))
    const ranges = POSIX_CLASSES.get(name.replace(/^\^/, ''))
    this.#at = end + 2
    if (!ranges) this.#fail()
    return name.startsWith('^') ? complement(ranges ?? []) : (ranges ?? [])
  }
}

function literal(rune: number): Step {
  return { kind: 'set', ranges: [rune, rune], negated: false }
}
