import { CooperageError, isCooperageError, type SourceLocation } from '@cooperage/store'

/** Runs `action`; an error of ours that names no place, such as one of a word, gets this one. */
export function at<T>(location: SourceLocation, action: () => T): T {
  try {
    return action()
  } catch (error) {
    if (!isCooperageError(error) || error.location !== undefined) throw error
    const { code, message, category, hint, data, cause } = error
    throw new CooperageError(code, message, {
      category,
      ...(hint !== undefined && { hint }),
      data,
      location,
      ...(cause !== undefined && { cause }),
    })
  }
}
