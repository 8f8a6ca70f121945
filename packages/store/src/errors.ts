/** Whose affair an error is; the command line makes its exit code of it (1, 2, 3, 4, 130, and 70 for a fault of ours). */
export type ErrorCategory = 'user' | 'store' | 'network' | 'sandbox' | 'interrupted' | 'internal'

/** Lines of a file that a person wrote; the first line is 1, `endLine` is included. */
export interface SourceLocation {
  readonly file: string
  readonly line: number
  readonly endLine?: number
  /** The lines of text around it, for an excerpt. */
  readonly source?: readonly string[]
}

export interface ErrorDetails {
  /** Default `user`. */
  readonly category?: ErrorCategory
  /** What to do next, as a sentence without a capital. */
  readonly hint?: string
  readonly location?: SourceLocation
  /** Structured facts: `expected` and `found` on a mismatch, `path`, `errno`, `digest`… JSON values only. */
  readonly data?: Readonly<Record<string, unknown>>
  readonly cause?: unknown
}

export type ErrorCode = `E_${string}`

const BRAND = Symbol.for('cooperage.error')

/** The one family of errors that Cooperage throws on purpose. `code` is stable, `message` is for people. */
export class CooperageError extends Error {
  readonly code: ErrorCode
  readonly category: ErrorCategory
  readonly hint: string | undefined
  readonly location: SourceLocation | undefined
  readonly data: Readonly<Record<string, unknown>>

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'CooperageError'
    this.code = code
    this.category = details.category ?? 'user'
    this.hint = details.hint
    this.location = details.location
    this.data = details.data ?? {}
    Object.defineProperty(this, BRAND, { value: true })
  }
}

/** Unlike `instanceof`, also true for an error of another copy of this library. */
export function isCooperageError(error: unknown): error is CooperageError {
  return typeof error === 'object' && error !== null && BRAND in error
}

/** True for an error of Node with this `errno` name, such as `ENOENT`. */
export function hasErrno(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && codes.includes((error as NodeJS.ErrnoException).code ?? '')
}
