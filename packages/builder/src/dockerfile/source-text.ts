import { CooperageError, type SourceLocation } from '@cooperage/store'
import type { LineRange } from '../instructions/commands.js'
import type { Complaint } from './complaint.js'

/** The text of a Dockerfile by lines, to point into it. */
export interface SourceText {
  /** Name for messages, such as `Dockerfile` or `build/Dockerfile.prod`. */
  readonly file: string
  /** All lines without their line ends; line 1 is at index 0. */
  readonly lines: readonly string[]
}

/** The place of `range`; `source` holds its lines and nothing around them, the first being `line`. */
export function locate(text: SourceText, range: LineRange): SourceLocation {
  return {
    file: text.file,
    line: range.line,
    endLine: range.endLine,
    source: text.lines.slice(range.line - 1, range.endLine),
  }
}

/** The error that a person sees; `prefix` stands before the complaint's own words. */
export function complain(complaint: Complaint, location: SourceLocation, prefix = ''): CooperageError {
  return new CooperageError(complaint.code, prefix + complaint.message, {
    location,
    data: complaint.data,
    ...(complaint.hint === undefined ? {} : { hint: complaint.hint }),
  })
}
