import { CooperageError, isCooperageError } from '@cooperage/store/errors'

/**
 * Does the work on these images; a blob that the store lacks is then said to be theirs, as a digest tells nobody what
 * to build or pull again. @throws E_BLOB_MISSING, and whatever else the work throws
 */
export async function ofImage<T>(words: readonly string[], work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!isCooperageError(error) || error.code !== 'E_BLOB_MISSING') throw error
    const [only] = words
    const isOne = words.length === 1
    const which = isOne ? `the image ${only} is` : `one of the images ${words.join(', ')} is`
    throw new CooperageError(error.code, `${which} not whole here: ${error.message}`, {
      category: error.category,
      hint: `build or pull ${isOne ? only : 'it'} again`,
      data: { ...error.data, images: words },
      cause: error,
    })
  }
}
