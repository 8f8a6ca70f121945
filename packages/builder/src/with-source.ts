import { CooperageError, isCooperageError } from '@cooperage/store'

/** Runs `work`; an error that names a line of this file leaves with the lines of the file, for an excerpt. */
export async function withSource<T>(
  file: { readonly name: string; readonly text: string | Uint8Array },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!isCooperageError(error) || error.location === undefined) throw error
    if (error.location.file !== file.name) throw error
    const { location } = error
    throw new CooperageError(error.code, error.message, {
      category: error.category,
      ...(error.hint !== undefined && { hint: error.hint }),
      data: error.data,
      location: { ...location, source: Buffer.from(file.text).toString('utf8').split(/\r?\n/) },
      cause: error.cause,
    })
  }
}
