import type { ByteString } from '../bytes.js'

export type TarEntryType = 'file' | 'hardlink' | 'symlink' | 'char' | 'block' | 'directory' | 'fifo'

/** One entry of a tar archive, PAX and GNU extensions applied. Names are bytes as written, a directory's with its slash. */
export interface TarEntry {
  readonly type: TarEntryType
  readonly name: ByteString
  /** Target of a hard or symbolic link, else empty. */
  readonly linkname: ByteString
  /** The low twelve bits. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Seconds since 1970, may be negative or carry a fraction (PAX). */
  readonly mtime: number
  /** Bytes of content as a reader of the file sees them (for a sparse file: expanded). 0 unless type is `file`. */
  readonly size: number
  readonly uname: ByteString
  readonly gname: ByteString
  /** 0 unless the entry is a device. */
  readonly devmajor: number
  readonly devminor: number
  /** `SCHILY.xattr.*` records, without the prefix, values raw. */
  readonly xattrs: ReadonlyMap<ByteString, Uint8Array>
  /** Bits above the twelve of `mode`, as layers of Windows have them. Written, never read. */
  readonly typeBits?: number
  /** PAX records of other programs, values raw. Written, never read. */
  readonly records?: ReadonlyMap<ByteString, Uint8Array>
}
