import { type ByteString, toUtf8 } from '../bytes.js'
import { CooperageError } from '../errors.js'
import type { ArchiveItem } from './apply.js'

const PREFIX = '.wh.'
const OPAQUE = '.wh..wh..opq'
/** What AUFS kept for itself, and old layers may still carry. */
const META_PREFIX = '.wh..wh.'

export type Whiteout =
  | { readonly kind: 'name'; readonly directory: readonly ByteString[]; readonly name: ByteString }
  | { readonly kind: 'opaque'; readonly directory: readonly ByteString[] }
  | { readonly kind: 'ignored' }

/** A file of this name cannot exist in an image: it would read as a whiteout. */
export function isWhiteoutName(name: ByteString): boolean {
  return name.startsWith(PREFIX)
}

/** The name of the entry that hides `name`. */
export function whiteoutName(name: ByteString): ByteString {
  return PREFIX + name
}

/**
 * Reads an entry's path as a whiteout (image-spec, layer.md, "Whiteouts"), or gives undefined.
 * @throws E_TAR_WHITEOUT when it is one of a form that readers of layers disagree on.
 */
export function parseWhiteout(item: ArchiveItem, names: readonly ByteString[]): Whiteout | undefined {
  const at = names.findIndex(isWhiteoutName)
  if (at === -1) return undefined
  const directory = names.slice(0, -1)
  const base = names[names.length - 1]!
  const malformed = (why: string) =>
    new CooperageError(
      'E_TAR_WHITEOUT',
      `entry ${item.index}, ${JSON.stringify(toUtf8(names.join('/')).slice(0, 200))}, ${why}`,
      {
        data: { index: item.index },
      },
    )
  if (at !== names.length - 1) throw malformed('lies below the name of a whiteout')
  if (base === OPAQUE) return { kind: 'opaque', directory }
  if (base.startsWith(META_PREFIX)) return { kind: 'ignored' }
  if (item.entry.type !== 'file' || item.entry.size > 0)
    throw malformed('is a whiteout that is not an empty file')
  const name = base.slice(PREFIX.length)
  if (name === '' || name === '.' || name === '..') throw malformed('is a whiteout that names nothing')
  return { kind: 'name', directory, name }
}
