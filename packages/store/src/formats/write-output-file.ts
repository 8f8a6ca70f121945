import { randomBytes } from 'node:crypto'
import { type FileHandle, lstat, open, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { CooperageError, hasErrno } from '../errors.js'
import type { ByteSink } from './byte-sink.js'
import { withSpaceFor } from './with-space-for.js'

/**
 * Makes a file of what `write` puts into the sink. It appears under its name when all is written, replacing what was
 * there; after an error or a crash the old file is as it was, and at most a hidden temporary file lies beside it. A
 * symbolic link is followed; a device or a pipe is written to as it is.
 *
 * @throws E_OUTPUT_DIRECTORY when the path is a directory, or in one that does not exist; E_NO_SPACE.
 */
export async function writeOutputFile(path: string, write: (sink: ByteSink) => Promise<void>): Promise<void> {
  const found = await existing(path)
  if (found === 'directory') {
    throw new CooperageError('E_OUTPUT_DIRECTORY', `${path} is a directory, the output is a file`, {
      data: { path },
    })
  }
  if (found === 'special') {
    await using file = await opened(path, 'w')
    await withSpaceFor(path, () => write(fileSink(file)))
    return
  }
  const target = found === 'link' ? await realpath(path) : path
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`)
  try {
    {
      await using file = await opened(temporary, 'wx')
      await withSpaceFor(path, () => write(fileSink(file)))
    }
    await rename(temporary, target)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

async function existing(path: string): Promise<'nothing' | 'file' | 'directory' | 'link' | 'special'> {
  try {
    const target = await stat(path)
    if (target.isDirectory()) return 'directory'
    if (!target.isFile()) return 'special'
    return (await lstat(path)).isSymbolicLink() ? 'link' : 'file'
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return 'nothing'
    throw error
  }
}

async function opened(path: string, flags: string): Promise<FileHandle> {
  try {
    return await open(path, flags)
  } catch (cause) {
    if (!hasErrno(cause, 'ENOENT', 'ENOTDIR')) throw cause
    throw new CooperageError('E_OUTPUT_DIRECTORY', `there is no directory ${dirname(path)} to write into`, {
      cause,
      data: { path },
    })
  }
}

function fileSink(file: FileHandle): ByteSink {
  return {
    async write(chunk) {
      for (let at = 0; at < chunk.length; ) at += (await file.write(chunk, at)).bytesWritten
    },
  }
}
