import type { ByteString } from '../bytes.js'
import type { Metadata } from './node.js'

/** Mode, owner and extended attributes are equal; times are not looked at. */
export function sameAttributes(a: Metadata, b: Metadata): boolean {
  if (a === b) return true
  return a.mode === b.mode && a.uid === b.uid && a.gid === b.gid && sameXattrs(a.xattrs, b.xattrs)
}

function sameXattrs(
  a: ReadonlyMap<ByteString, Uint8Array> | undefined,
  b: ReadonlyMap<ByteString, Uint8Array> | undefined,
): boolean {
  if (a === b || ((a?.size ?? 0) === 0 && (b?.size ?? 0) === 0)) return true
  if (a === undefined || b === undefined || a.size !== b.size) return false
  for (const [key, value] of a) {
    const other = b.get(key)
    if (other === undefined || Buffer.compare(value, other) !== 0) return false
  }
  return true
}
