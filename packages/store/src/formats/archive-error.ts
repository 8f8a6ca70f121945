import { CooperageError, type ErrorCode } from '../errors.js'

/** A fault of an archive or a layout that was given to be read; `data.archive` says which. */
export function archiveError(
  code: ErrorCode & `E_ARCHIVE_${string}`,
  message: string,
  data: Readonly<Record<string, unknown>> & { readonly cause?: unknown } = {},
): CooperageError {
  const { cause, ...facts } = data
  return new CooperageError(code, message, { data: facts, ...(cause !== undefined && { cause }) })
}
