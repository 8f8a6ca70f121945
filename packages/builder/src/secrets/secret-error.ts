import { CooperageError, type ErrorCode } from '@cooperage/store'

/** An error about a secret: it may name the id and where the value was looked for, and never holds any of the value. */
export function secretError(
  code: ErrorCode,
  about: { readonly id: string; readonly problem: string },
  details: { readonly hint?: string; readonly data?: Readonly<Record<string, unknown>> } = {},
): CooperageError {
  const { id, problem } = about
  return new CooperageError(code, `secret ${JSON.stringify(id)}: ${problem}`, {
    ...details,
    data: { id, ...details.data },
  })
}
