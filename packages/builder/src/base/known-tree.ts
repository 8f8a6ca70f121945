import { type Digest, type DirectoryNode, decodeTree, encodeTree, type Store } from '@cooperage/store'
import { withAccounts } from './with-accounts.js'

/** The number is that of the form in which `encodeTree` writes. */
const KIND = 'tree-1'
/** Of an image so large that its record would be, nobody waits for the layers either. In characters. */
const LONGEST = 64 << 20

/**
 * The tree of a base image, as a build before this one has read it from the layers, or else as `load` does. The layers
 * are there; whoever reads their contents checks them first.
 */
export async function knownTree(
  identity: Digest,
  { records, blobs }: Pick<Store, 'records' | 'blobs'>,
  load: () => Promise<DirectoryNode>,
): Promise<DirectoryNode> {
  const text = await records.getText(KIND, identity)
  if (text !== undefined) return decodeTree(text)
  const tree = await withAccounts(await load(), blobs)
  const encoded = encodeTree(tree)
  // What cannot be kept is read again next time.
  if (encoded !== undefined && encoded.length <= LONGEST)
    await records.put(KIND, identity, encoded).catch(() => {})
  return tree
}
