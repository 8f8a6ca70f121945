import { join } from 'node:path'
import { type Digest, digestAlgorithm, digestHex, isDigest } from '../digest.js'

/** `<root>/blobs/sha256/<2 hex>/<64 hex>`. */
export function blobPath(root: string, digest: Digest): string {
  const hex = digestHex(digest)
  return join(root, 'blobs', digestAlgorithm(digest), hex.slice(0, 2), hex)
}

/** One file name for a digest, for flat directories: `sha256-<64 hex>`. */
export function flatBlobName(digest: Digest): string {
  return `${digestAlgorithm(digest)}-${digestHex(digest)}`
}

/** Undefined for a name that `flatBlobName` does not make. */
export function digestOfFlatName(name: string): Digest | undefined {
  const digest = name.replace('-', ':')
  return isDigest(digest) ? digest : undefined
}
