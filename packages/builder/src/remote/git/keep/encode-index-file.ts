import { createHash } from 'node:crypto'
import { type ByteString, toBuffer } from '@cooperage/store'

/** A file of a commit, as `git ls-tree` tells it. */
export interface ListedFile {
  readonly path: ByteString
  /** Such as 0o100644; 0o160000 for a submodule. */
  readonly mode: number
  readonly object: string
  /** In bytes; of a submodule 0. */
  readonly size: number
}

/**
 * The file `index` (gitformat-index(5), version 2) of a checkout. It says nothing of times and inodes, which differ
 * from machine to machine: the first command that needs to know compares the contents.
 */
export function encodeIndexFile(files: readonly ListedFile[], algorithm: 'sha1' | 'sha256'): Buffer {
  const header = Buffer.from('DIRC\0\0\0\x02\0\0\0\0', 'latin1')
  header.writeUInt32BE(files.length, 8)
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1))
  const index = Buffer.concat([header, ...sorted.map(entry)])
  return Buffer.concat([index, createHash(algorithm).update(index).digest()])
}

const MODE_AT = 24
const SIZE_AT = 36
const OBJECT_AT = 40

function entry({ path, mode, object, size }: ListedFile): Buffer {
  const name = toBuffer(path)
  const id = Buffer.from(object, 'hex')
  const nameAt = OBJECT_AT + id.length + 2
  // At least one zero byte ends the name.
  const bytes = Buffer.alloc((nameAt + name.length + 8) & ~7)
  bytes.writeUInt32BE(mode, MODE_AT)
  bytes.writeUInt32BE(size % 2 ** 32, SIZE_AT)
  id.copy(bytes, OBJECT_AT)
  bytes.writeUInt16BE(Math.min(name.length, 0xfff), nameAt - 2)
  name.copy(bytes, nameAt)
  return bytes
}
