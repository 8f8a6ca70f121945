import { constants } from 'node:os'
import { CooperageError, type ErrorCode, hasErrno, isCooperageError } from '../errors.js'

interface Meaning {
  readonly code: ErrorCode
  readonly what: string
  readonly hint: string
}

const NO_SPACE: Meaning = {
  code: 'E_NO_SPACE',
  what: 'no space is left for the store',
  hint: 'free space on this file system, or run `cooper prune --grace 0s`, which spares nothing for being new',
}
const READ_ONLY: Meaning = {
  code: 'E_STORE_READ_ONLY',
  what: 'the store cannot be written',
  hint: 'check the owner and the mount of the store, or name another with --store',
}
const FILES: Meaning = {
  code: 'E_STORE_FILES',
  what: 'too many files are open',
  hint: 'raise the limit with `ulimit -n`',
}
const IO: Meaning = {
  code: 'E_STORE_IO',
  what: 'the store could not be read or written',
  hint: 'see the system log for errors of this disk; nothing half-written is visible',
}

const MEANINGS: Readonly<Record<string, Meaning>> = {
  ENOSPC: NO_SPACE,
  EDQUOT: NO_SPACE,
  EFBIG: NO_SPACE,
  EROFS: READ_ONLY,
  EACCES: READ_ONLY,
  EPERM: READ_ONLY,
  EMFILE: FILES,
  ENFILE: FILES,
}

/** What an errno means to the person who owns the store. What is no errno passes unchanged. */
export function storeError(error: unknown, path: string): unknown {
  if (isCooperageError(error) || !(error instanceof Error)) return error
  const { syscall, path: where } = error as NodeJS.ErrnoException
  const code = errnoName(error)
  if (code === undefined) return error
  const meaning = MEANINGS[code] ?? IO
  return new CooperageError(
    meaning.code,
    `${meaning.what}: ${where ?? path} (${syscall ?? 'call'}: ${code})`,
    {
      category: 'store',
      hint: meaning.hint,
      data: { path: where ?? path, errno: code, ...(syscall === undefined ? {} : { syscall }) },
      cause: error,
    },
  )
}

/** Node has no name for some numbers, EDQUOT among them, and calls them `Unknown system error -122`. */
function errnoName(error: NodeJS.ErrnoException): string | undefined {
  const { code, errno } = error
  if (code === undefined || /^E[A-Z0-9]+$/.test(code)) return code?.startsWith('ERR_') ? undefined : code
  return Object.entries(constants.errno).find(([, number]) => number === -(errno ?? 0))?.[0]
}

/** Runs work on the store; an errno that nothing inside caught becomes a typed error that names the path. */
export async function typedErrors<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw storeError(error, path)
  }
}

/** Runs a call whose failure with one of these errnos is an answer: then undefined. */
export async function unlessErrno<T>(call: Promise<T>, ...codes: string[]): Promise<T | undefined> {
  try {
    return await call
  } catch (error) {
    if (hasErrno(error, ...codes)) return undefined
    throw error
  }
}
