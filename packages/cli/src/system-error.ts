import { CooperageError } from '@cooperage/store/errors'

type Meaning = (error: NodeJS.ErrnoException) => CooperageError

const place = (error: NodeJS.ErrnoException): string => (error.path === undefined ? '' : `: ${error.path}`)

const MEANINGS: Readonly<Record<string, Meaning>> = {
  ENOSPC: (cause) =>
    new CooperageError('E_NO_SPACE', `no space left on the disk${place(cause)}`, {
      category: 'store',
      cause,
    }),
  EDQUOT: (cause) =>
    new CooperageError('E_NO_SPACE', `the disk quota is used up${place(cause)}`, {
      category: 'store',
      cause,
    }),
  EMFILE: (cause) =>
    new CooperageError('E_LIMIT', 'this process may not open more files', {
      cause,
      hint: 'raise the limit with ulimit -n',
    }),
  EACCES: denied,
  EPERM: denied,
  EROFS: denied,
  ENOENT: (cause) => new CooperageError('E_NOT_FOUND', `there is no such file${place(cause)}`, { cause }),
  ENOTDIR: (cause) =>
    new CooperageError('E_NOT_FOUND', `a part of the path is not a folder${place(cause)}`, { cause }),
  EISDIR: (cause) =>
    new CooperageError('E_NOT_FILE', `this is a folder, not a file${place(cause)}`, { cause }),
  EEXIST: (cause) => new CooperageError('E_EXISTS', `this exists already${place(cause)}`, { cause }),
}

function denied(cause: NodeJS.ErrnoException): CooperageError {
  return new CooperageError('E_ACCESS', `the system refused access${place(cause)}`, { cause })
}

/** An error of the system that can be put in words for the person whose machine it is; undefined for any other. */
export function asCooperageError(error: unknown): CooperageError | undefined {
  if (!(error instanceof Error)) return undefined
  const code = (error as NodeJS.ErrnoException).code
  return code !== undefined && Object.hasOwn(MEANINGS, code) ? MEANINGS[code]!(error) : undefined
}
