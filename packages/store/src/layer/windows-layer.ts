import type { ByteString } from '../bytes.js'
import type { TarEntry } from '../tar/entry.js'
import type { ArchiveItem } from '../tree/apply.js'
import { DIRECTORY_SECURITY, FILE_SECURITY } from './windows-security.js'

/** How a layer holds its files: as they are, or as Windows wants them, below `Files/` and beside `Hives` (the registry). */
export type LayerForm = 'plain' | 'windows'

const FILES = 'Files/'
const ROOTS = ['Hives', 'Files']

/** Of the entries that Windows tells apart: the bits of S_IFMT, the file attributes and the default access list. */
const KINDS = {
  // FILE_ATTRIBUTE_DIRECTORY, FILE_ATTRIBUTE_ARCHIVE
  directory: { typeBits: 0o040000, attributes: '16', security: DIRECTORY_SECURITY },
  file: { typeBits: 0o100000, attributes: '32', security: FILE_SECURITY },
}

/** What every layer of Windows begins with. `mtime` in seconds since 1970. */
export function windowsRoots(mtime: number): readonly TarEntry[] {
  const { typeBits, attributes } = KINDS.directory
  return ROOTS.map((name) => ({
    type: 'directory',
    name,
    linkname: '',
    mode: 0,
    typeBits,
    uid: 0,
    gid: 0,
    mtime,
    size: 0,
    uname: '',
    gname: '',
    devmajor: 0,
    devminor: 0,
    xattrs: new Map(),
    records: records({ attributes, mtime }),
  }))
}

/**
 * An entry of a layer as BuildKit writes it for Windows: below `Files/`, with the attributes, the time and the access
 * list that such a file has by default. Targets of symbolic links are put below `Files/` too, as BuildKit does.
 */
export function toWindowsEntry(entry: TarEntry): TarEntry {
  const kind = entry.type === 'directory' || entry.type === 'file' ? KINDS[entry.type] : undefined
  return {
    ...entry,
    name: FILES + entry.name,
    linkname: entry.linkname === '' ? '' : FILES + entry.linkname,
    ...(kind !== undefined && { typeBits: kind.typeBits }),
    records: records({ ...kind, mtime: entry.mtime }),
  }
}

/** Those entries of a layer of Windows that are files of the image, by their names there. */
export function fromWindowsItems(items: readonly ArchiveItem[]): ArchiveItem[] {
  return items
    .filter(({ entry }) => entry.name.startsWith(FILES))
    .map((item) => ({
      ...item,
      entry: { ...item.entry, name: below(item.entry.name), linkname: below(item.entry.linkname) },
    }))
}

function below(name: ByteString): ByteString {
  return name.startsWith(FILES) ? name.slice(FILES.length) : name
}

interface Recorded {
  readonly attributes?: string
  readonly security?: string
  readonly mtime: number
}

function records({ attributes, security, mtime }: Recorded): ReadonlyMap<ByteString, Uint8Array> {
  const fields = {
    'MSWINDOWS.fileattr': attributes,
    'MSWINDOWS.rawsd': security,
    'LIBARCHIVE.creationtime': `${Math.floor(mtime)}.0`,
  }
  return new Map(
    Object.entries(fields).flatMap(([key, value]) =>
      value === undefined ? [] : [[key, Buffer.from(value, 'latin1')]],
    ),
  )
}
