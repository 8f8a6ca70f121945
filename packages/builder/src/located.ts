import { CooperageError, isCooperageError, type SourceLocation } from '@cooperage/store'

/** Does the work; an error of ours that knows no place is said to be about this one. */
export function located<T>(location: SourceLocation, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw withLocation(error, location)
  }
}

/** The error with the instruction that it is about. */
export function withLocation(error: unknown, location: SourceLocation): unknown {
  if (!isCooperageError(error) || error.location !== undefined) return error
  return new CooperageError(error.code, error.message, {
    category: error.category,
    ...(error.hint !== undefined && { hint: error.hint }),
    location,
    data: error.data,
    cause: error,
  })
}
