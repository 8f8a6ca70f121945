import { type ByteString, directoryOf, type LayerItem, type Metadata } from '@cooperage/store'

/** A directory, as something to unpack. */
export function directory(path: ByteString, meta: Metadata): LayerItem {
  return { kind: 'node', path, node: directoryOf(meta) }
}

/** The same items below a directory. */
export function inside(name: string, items: readonly LayerItem[]): LayerItem[] {
  return items.map((item) => {
    const path = `${name}/${item.path}`
    return item.kind === 'hardlink' ? { ...item, path, target: `${name}/${item.target}` } : { ...item, path }
  })
}
