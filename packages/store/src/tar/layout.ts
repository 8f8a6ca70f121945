/** Bytes of a tar block: headers, and the unit that content is padded to (POSIX pax, "ustar Interchange Format"). */
export const BLOCK = 512

/** Where a field lies in a header block. */
export interface Field {
  readonly at: number
  readonly length: number
}

export type FieldName =
  | 'name'
  | 'mode'
  | 'uid'
  | 'gid'
  | 'size'
  | 'mtime'
  | 'checksum'
  | 'type'
  | 'linkname'
  | 'magic'
  | 'uname'
  | 'gname'
  | 'devmajor'
  | 'devminor'
  | 'prefix'

/** Fields of the header block, as every format since V7 lays them out; those from `magic` on exist in ustar and GNU. */
export const FIELD: Readonly<Record<FieldName, Field>> = {
  name: { at: 0, length: 100 },
  mode: { at: 100, length: 8 },
  uid: { at: 108, length: 8 },
  gid: { at: 116, length: 8 },
  size: { at: 124, length: 12 },
  mtime: { at: 136, length: 12 },
  checksum: { at: 148, length: 8 },
  type: { at: 156, length: 1 },
  linkname: { at: 157, length: 100 },
  magic: { at: 257, length: 8 },
  uname: { at: 265, length: 32 },
  gname: { at: 297, length: 32 },
  devmajor: { at: 329, length: 8 },
  devminor: { at: 337, length: 8 },
  prefix: { at: 345, length: 155 },
}

/** Bytes that follow content of this size, so that the next header begins on a block. */
export function tarPadding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK
}

/** The two zero blocks that end an archive. More would change the digest of the layer, fewer is not tar. */
export const END_OF_ARCHIVE: Uint8Array = new Uint8Array(2 * BLOCK)
