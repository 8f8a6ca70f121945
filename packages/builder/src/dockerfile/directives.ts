import { Complaint } from './complaint.js'
import { lowerCase, trimLeftSpace } from './go-text.js'

export interface Directive {
  /** Lower case. */
  readonly name: 'syntax' | 'escape' | 'check'
  readonly value: string
  /** From 1. */
  readonly line: number
}

const NAMES = ['syntax', 'escape', 'check'] as const
const BLANKS = '\t\f\r '
const FORM = /^([a-zA-Z][a-zA-Z0-9]*)[\t\f\r ]*=(.+)$/s

/** Reads directives line by line; the first line that is none ends them for good. */
export class DirectiveReader {
  readonly found: Directive[] = []
  readonly #mark: string
  #line: number
  #done = false

  /** `mark` opens a comment; `line` is the number of lines before the first one given. */
  constructor(mark = '#', line = 0) {
    this.#mark = mark
    this.#line = line
  }

  get done(): boolean {
    return this.#done
  }

  /** The directive on this line, if it is one. A name that came before is a `Complaint`. */
  read(line: string): Directive | undefined {
    this.#line++
    if (this.#done) return undefined
    const match = line.startsWith(this.#mark) ? FORM.exec(trimLeftSpace(line.slice(this.#mark.length))) : null
    const name = NAMES.find((known) => known === lowerCase(match?.[1] ?? ''))
    if (match === null || name === undefined) {
      this.#done = true
      return undefined
    }
    if (this.found.some((directive) => directive.name === name)) {
      throw new Complaint('E_DF_DIRECTIVE', `only one ${name} parser directive can be used`, {
        hint: `remove one of the two "# ${name}=" lines`,
      })
    }
    const directive = { name, value: directiveValue(match[2] ?? ''), line: this.#line }
    this.found.push(directive)
    return directive
  }
}

/** Without blanks around; of nothing but blanks, one stays (there is a value, and it is a blank). */
function directiveValue(text: string): string {
  let start = 0
  let end = text.length
  while (end > 1 && BLANKS.includes(text.charAt(end - 1))) end--
  while (start < end - 1 && BLANKS.includes(text.charAt(start))) start++
  return text.slice(start, end)
}

/** The escape character that a directive asks for. */
export function escapeOf(directive: Directive): string {
  if (directive.value === '\\' || directive.value === '`') return directive.value
  throw new Complaint('E_DF_DIRECTIVE', `invalid escape token '${directive.value}' does not match \` or \\`, {
    hint: 'write "# escape=`" or "# escape=\\", with nothing behind it',
  })
}
