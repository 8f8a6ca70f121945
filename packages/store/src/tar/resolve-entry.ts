import type { ByteString } from '../bytes.js'
import type { TarEntry, TarEntryType } from './entry.js'
import type { RawHeader } from './header.js'
import type { PaxFields } from './pax-fields.js'
import { escapeName, type TarPlace, tarError } from './tar-error.js'

/** What stood before an entry's own header. */
export interface Extensions {
  pax?: PaxFields
  /** GNU `L` and `K`. */
  longName?: ByteString
  longLink?: ByteString
}

const TYPES: Readonly<Record<string, TarEntryType>> = {
  '\0': 'file',
  0: 'file',
  1: 'hardlink',
  2: 'symlink',
  3: 'char',
  4: 'block',
  5: 'directory',
  6: 'fifo',
  // A contiguous file: nobody treats it otherwise than as a file.
  7: 'file',
  S: 'file',
}

const NO_XATTRS: ReadonlyMap<ByteString, Uint8Array> = new Map()

/**
 * The entry that a header and the extensions before it describe; its size is that of the stored content.
 * @throws E_TAR_TYPE for a type that is no file of any kind; E_TAR_AMBIGUOUS where readers disagree on what it is.
 */
export function resolveEntry(header: RawHeader, extensions: Extensions, at: TarPlace): TarEntry {
  const pax = extensions.pax ?? {}
  const name = pax.name ?? extensions.longName ?? header.name
  const size = pax.size ?? header.size
  const type = entryType(header, name, at)
  if (name === '') throw tarError('E_TAR_AMBIGUOUS', 'an entry without a name', at)
  // A directory's or link's size means nothing to most readers, but some take the next header for its content.
  if (type !== 'file' && size !== 0) {
    throw tarError('E_TAR_AMBIGUOUS', `a ${type} with ${size} bytes of content`, {
      ...at,
      data: { name: escapeName(name), size },
    })
  }
  const isLink = type === 'symlink' || type === 'hardlink'
  return {
    type,
    name,
    linkname: isLink ? (pax.linkname ?? extensions.longLink ?? header.linkname) : '',
    mode: header.mode,
    uid: pax.uid ?? header.uid,
    gid: pax.gid ?? header.gid,
    mtime: pax.mtime ?? header.mtime,
    size,
    uname: pax.uname ?? header.uname,
    gname: pax.gname ?? header.gname,
    devmajor: header.devmajor,
    devminor: header.devminor,
    xattrs: pax.xattrs ?? NO_XATTRS,
  }
}

function entryType(
  { type: character, name: ownName }: RawHeader,
  name: ByteString,
  at: TarPlace,
): TarEntryType {
  const type = TYPES[character]
  if (type === undefined) {
    throw tarError('E_TAR_TYPE', `unknown type "${escapeName(character)}"`, {
      ...at,
      data: { type: escapeName(character), name: escapeName(name) },
    })
  }
  if (type !== 'file') return type
  const slash = name.endsWith('/')
  // V7 had no type for directories, but a slash; Python looks for it in the header, others in the long name.
  if (character === '\0' && slash === ownName.endsWith('/')) return slash ? 'directory' : 'file'
  if (character !== '\0' && !slash) return type
  // With a type of its own and a slash it is a directory for GNU tar, a file for Go.
  throw tarError('E_TAR_AMBIGUOUS', 'a file that some readers take for a directory', {
    ...at,
    data: { name: escapeName(name) },
  })
}
