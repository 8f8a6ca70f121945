import { isUtf8 } from 'node:buffer'
import { constants } from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import { CooperageError, hasErrno } from '../errors.js'

/** The configuration of a machine as it is read: whole small files, and the names in folders. */
export interface ConfigFiles {
  /** Undefined when there is no such file. @throws E_CONFIG_FILE when it cannot be read, is no file, or is too large */
  read(path: string): Promise<Uint8Array | undefined>
  /** The names in a folder, as far as they are UTF-8, in order; none when there is no such folder. @throws E_CONFIG_FILE */
  list(path: string): Promise<readonly string[]>
}

/** A person or a small tool wrote these files; more than this is another file, given by mistake. */
const LIMIT = 1 << 20

/** The files of this machine. */
export const hostConfigFiles: ConfigFiles = {
  async read(path) {
    try {
      // A pipe without a writer would hold a blocking open for ever.
      await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
      const { size } = await file.stat()
      if (size > LIMIT) throw refuse(path, `has ${size} bytes, more than ${LIMIT}`)
      // The size of a device says nothing: as many bytes are read as are allowed, and one more.
      const buffer = Buffer.alloc(LIMIT + 1)
      let length = 0
      for (let read = -1; read !== 0 && length < buffer.length; length += read) {
        read = (await file.read(buffer, length, buffer.length - length)).bytesRead
      }
      if (length > LIMIT) throw refuse(path, `has more than ${LIMIT} bytes`)
      return buffer.subarray(0, length)
    } catch (cause) {
      if (hasErrno(cause, 'ENOENT', 'ENOTDIR')) return undefined
      throw cannotRead(path, cause)
    }
  },
  async list(path) {
    try {
      const names = await readdir(path, 'buffer')
      return names
        .filter(isUtf8)
        .sort(Buffer.compare)
        .map((name) => name.toString('utf8'))
    } catch (cause) {
      if (hasErrno(cause, 'ENOENT', 'ENOTDIR')) return []
      throw cannotRead(path, cause)
    }
  },
}

function refuse(path: string, problem: string): CooperageError {
  return new CooperageError('E_CONFIG_FILE', `${path} ${problem}`, { data: { path } })
}

function cannotRead(path: string, cause: unknown): unknown {
  if (!hasErrno(cause, 'EACCES', 'EPERM', 'EISDIR', 'ELOOP')) return cause
  return new CooperageError('E_CONFIG_FILE', `${path} cannot be read`, {
    hint: 'check who owns it and what it is: a file that another user wrote, as sudo does, is not yours to read',
    data: { path, errno: (cause as NodeJS.ErrnoException).code },
    cause,
  })
}
