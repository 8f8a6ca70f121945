import type { Heredoc, LineRange } from '../instructions/commands.js'

/** One instruction as text: cut into keyword, flags and arguments, but not understood. */
export interface DockerfileNode {
  /** The keyword as written. */
  readonly keyword: string
  /** `--name` and `--name=value` in order, quotes and escapes resolved. */
  readonly flags: readonly string[]
  /**
   * The arguments as the keyword's form cuts them. ENV and LABEL give three for each pair: key, value, and `=` or,
   * for the form without it, an empty text. Unknown keywords give one empty argument.
   */
  readonly args: readonly string[]
  /** The arguments were a JSON array. */
  readonly json: boolean
  /** ONBUILD: the instruction after it; `args` is empty then. */
  readonly child?: DockerfileNode
  /** The whole instruction with its continuation lines joined, neither trimmed nor expanded. */
  readonly original: string
  readonly range: LineRange
  /** Comments since the instruction before it, without `#` and blanks around; directives are not among them. */
  readonly comments: readonly string[]
  /** Bodies in the order of their marks; for ONBUILD they lie here and not on the child. */
  readonly heredocs: readonly Heredoc[]
  /** Lines (from 1) that are empty inside a continuation: they are skipped, and a mistake in most files. */
  readonly emptyContinuationLines: readonly number[]
}

/** What a form of arguments makes of the text after the keyword and its flags. */
export interface FormResult {
  readonly args: readonly string[]
  readonly json: boolean
  readonly child?: DockerfileNode
}

/** What a form must know of the file around it. */
export interface FormContext {
  readonly escape: string
  /** How many ONBUILD stand around this text. */
  readonly depth: number
}
