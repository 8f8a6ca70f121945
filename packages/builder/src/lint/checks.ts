import { CooperageError } from '@cooperage/store'
import { Complaint } from '../dockerfile/complaint.js'
import { compareText } from '../dockerfile/go-text.js'
import type { LineRange } from '../instructions/commands.js'
import { suggestion } from '../instructions/suggest.js'
import type { PlanWarning } from '../plan/plan.js'
import { type CheckOptions, parseCheckOptions } from './check-options.js'
import { RULES, type RuleName } from './rules.js'

/** Where a finding is. */
export interface CheckPlace {
  readonly range: LineRange
  /** Comments above the instruction: `check=skip=` there holds for it alone. */
  readonly comments?: readonly string[]
}

/** A warning that a rule gave. */
export interface Finding extends PlanWarning {
  readonly rule: RuleName
  readonly location: { readonly file: string; readonly line: number; readonly endLine: number }
}

/**
 * Characters that are compared for suggestions, over the whole file. A file of thousands of lines, each with a name that
 * is not defined, would otherwise take the time of all of them squared.
 */
const COMPARISONS = 4_000_000

const DIRECTIVE = /^check[\t\f\r ]*=[\t\f\r ]*(\S+)/i

/** Takes the findings of one Dockerfile, and leaves out those that it asks to skip. */
export class Checks {
  readonly #file: string
  readonly #options: CheckOptions
  readonly #found: Finding[] = []
  #comparisons = COMPARISONS

  constructor(file: string, options: CheckOptions) {
    this.#file = file
    this.#options = options
  }

  report(rule: RuleName, message: string, { range, comments = [] }: CheckPlace): void {
    const own = ownOptions(comments)
    const judged = RULES.get(rule)!.experimental
      ? [this.#options, own].some((one) => one?.experimentalAll || one?.experimental.has(rule))
      : ![this.#options, own].some((one) => one?.skipAll || one?.skip.has(rule))
    if (!judged) return
    const { line, endLine } = range
    this.#found.push({ rule, message, location: { file: this.#file, line, endLine } })
  }

  /** ` (did you mean x?)` for a name that is not among `known`, or nothing. */
  suggest(name: string, known: Iterable<string>): string {
    if (this.#comparisons < 0) return ''
    const options = [...known]
    for (const option of options) {
      const isNear = Math.abs(option.length - name.length) <= name.length
      this.#comparisons -= isNear ? option.length * name.length : 1
    }
    return this.#comparisons < 0 ? '' : suggestion(name, options)
  }

  /** By line, then rule, then message. */
  get warnings(): readonly Finding[] {
    return this.#found.toSorted(
      (a, b) =>
        a.location.line - b.location!.line ||
        a.location.endLine - b.location.endLine ||
        compareText(a.rule, b.rule) ||
        compareText(a.message, b.message),
    )
  }

  /** Fails when something was found and `error=true` was asked for. @throws E_LINT */
  refuseFindings(): void {
    if (!this.#options.error || this.#found.length === 0) return
    const rules = [...new Set(this.#found.map(({ rule }) => rule))].sort(compareText)
    throw new CooperageError('E_LINT', `lint violation found for rules: ${rules.join(', ')}`, {
      hint: 'the Dockerfile asks for it with "check=error=true"; "check=skip=" and a rule leaves that one out',
      data: { rules },
    })
  }
}

/** The options of the first `check=` among the comments; one that cannot be read changes nothing. */
function ownOptions(comments: readonly string[]): CheckOptions | undefined {
  const value = comments.map((comment) => DIRECTIVE.exec(comment)?.[1]).find((found) => found !== undefined)
  if (value === undefined) return undefined
  try {
    return parseCheckOptions(value)
  } catch (error) {
    if (!(error instanceof Complaint)) throw error
    return undefined
  }
}
