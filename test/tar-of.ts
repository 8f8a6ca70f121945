import { END_OF_ARCHIVE, encodeTarEntry, type TarEntry, tarPadding } from '@cooperage/store'

/** The parts of an entry that matter; the rest as of an ordinary file of root. */
export interface Spec extends Partial<Omit<TarEntry, 'size' | 'name' | 'type'>> {
  readonly name: string
  readonly type?: TarEntry['type']
  readonly content?: string | Uint8Array
}

/** A tar archive of these entries, in this order, names as they are. */
export function tarOf(specs: readonly Spec[]): Buffer {
  const parts: Uint8Array[] = []
  for (const { content = '', ...spec } of specs) {
    const bytes = Buffer.from(content)
    const type = spec.type ?? (spec.name.endsWith('/') ? 'directory' : 'file')
    const entry: TarEntry = {
      type,
      linkname: '',
      mode: type === 'directory' ? 0o755 : 0o644,
      uid: 0,
      gid: 0,
      mtime: 1_700_000_000,
      uname: '',
      gname: '',
      devmajor: 0,
      devminor: 0,
      xattrs: new Map(),
      ...spec,
      size: bytes.length,
    }
    parts.push(encodeTarEntry(entry), bytes, Buffer.alloc(tarPadding(bytes.length)))
  }
  return Buffer.concat([...parts, END_OF_ARCHIVE])
}
