import { openForReading, readFully } from '../blobs/files.js'
import { unlessErrno } from '../blobs/store-error.js'
import type { StoreFs, StoreStat } from '../blobs/store-fs.js'
import { decodeCheckedLine } from './checked-line.js'

export interface CheckedFile {
  readonly payload: Buffer
  readonly stat: StoreStat
}

/** Larger than any payload that the store is made for; a file beyond it is damage. */
const LIMIT = 512 * 1024 * 1024

/** Reads a file of one checked line. Missing, of another kind, unreadable or damaged: undefined. */
export async function readCheckedFile(fs: StoreFs, path: string): Promise<CheckedFile | undefined> {
  // ENXIO: a socket. ELOOP: a symbolic link. EIO: damage below us, which for a cache is a miss as well.
  const file = await unlessErrno(openForReading(fs, path), ...MISS)
  if (file === undefined) return undefined
  try {
    const stat = await file.stat()
    if (stat.kind !== 'file' || stat.size > LIMIT) return undefined
    const line = Buffer.allocUnsafeSlow(stat.size)
    const count = await unlessErrno(readFully(file, line, 0), 'EIO')
    if (count !== stat.size) return undefined
    const payload = decodeCheckedLine(line)
    return payload && { payload, stat }
  } finally {
    await file.close()
  }
}

const MISS: readonly string[] = [
  'ENOENT',
  'ENOTDIR',
  'ELOOP',
  'EISDIR',
  'ENXIO',
  'EACCES',
  'EIO',
  'ENAMETOOLONG',
]
