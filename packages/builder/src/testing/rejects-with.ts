import assert from 'node:assert/strict'
import { type CooperageError, type ErrorCode, isCooperageError } from '@cooperage/store'

/** Asserts an error of ours with this code, and this errno in its data. */
export async function rejectsWith(
  code: ErrorCode,
  act: () => Promise<unknown>,
  errno?: string,
): Promise<CooperageError> {
  const error: unknown = await act().then(
    (value) => assert.fail(`no ${code}, but ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  )
  assert.ok(isCooperageError(error), String(error))
  assert.equal(error.code, code, error.message)
  if (errno !== undefined) assert.equal(error.data.errno, errno, error.message)
  return error
}
