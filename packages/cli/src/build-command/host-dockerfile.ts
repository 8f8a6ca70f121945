import { constants } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { CooperageError, hasErrno } from '@cooperage/store/errors'
import { readLimited } from '../read-limited.js'

/** Where a Dockerfile that `--file` names is: in the context, by its path there, or elsewhere, by its text. */
export type HostDockerfile =
  | { readonly kind: 'inside'; readonly path: string }
  | { readonly kind: 'outside'; readonly text: Uint8Array; readonly ignore?: Uint8Array }

const LIMIT = 16 * 1024 * 1024

/**
 * Finds the Dockerfile of `--file`, whose path is meant from the working directory, as in docker. One outside of the
 * context is read here, with the ignore file beside it. @throws E_DF_MISSING, E_DF_NOT_FILE, E_LIMIT
 */
export async function hostDockerfile(context: string, file: string): Promise<HostDockerfile> {
  const inside = relative(resolve(context), resolve(file))
  if (inside !== '' && inside !== '..' && !inside.startsWith(`..${sep}`))
    return { kind: 'inside', path: inside }
  const text = await readText(file)
  if (text === undefined) throw await missing(context, file)
  const ignore = await readText(`${file}.dockerignore`)
  return { kind: 'outside', text, ...(ignore === undefined ? {} : { ignore }) }
}

async function readText(path: string): Promise<Buffer | undefined> {
  try {
    // A pipe without a writer would hold a blocking open for ever.
    await using handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    if ((await handle.stat()).isFile()) {
      return await readLimited(handle.createReadStream({ autoClose: false }), LIMIT, path)
    }
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR')) return undefined
    throw error
  }
  throw new CooperageError('E_DF_NOT_FILE', `the Dockerfile ${JSON.stringify(path)} is not a file`, {
    hint: 'a Dockerfile comes from a pipe with --file -',
    data: { path },
  })
}

async function missing(context: string, file: string): Promise<CooperageError> {
  const meant = join(context, file)
  const there = await stat(meant).then(
    () => true,
    () => false,
  )
  return new CooperageError('E_DF_MISSING', `there is no Dockerfile ${JSON.stringify(file)}`, {
    hint: there
      ? `--file is meant from the working directory: did you mean --file ${meant}?`
      : 'check the path given with --file',
    data: { path: file },
  })
}
