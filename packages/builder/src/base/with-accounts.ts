import { type BlobStore, type DirectoryNode, openContents, TreeEditor, type TreeNode } from '@cooperage/store'
import { takeBytes } from '../execute/take-bytes.js'

/** Read for the user of every RUN and for each `--chown` by name. */
const ACCOUNTS = [
  ['etc', 'passwd'],
  ['etc', 'group'],
]
/** In bytes. Of a machine with more accounts the files are read where they lie. */
const LARGEST = 64 << 10

/**
 * The same tree with the content of /etc/passwd and /etc/group in it: nobody has to check a whole layer for one line.
 * A file of several names stays as it is.
 */
export async function withAccounts(tree: DirectoryNode, blobs: BlobStore): Promise<DirectoryNode> {
  const editor = new TreeEditor(tree)
  for (const path of ACCOUNTS) {
    const node = editor.get(path)
    if (node?.type !== 'file' || node.content.kind !== 'blob' || node.size > LARGEST) continue
    if (countNames(tree, node) > 1) continue
    await using contents = await openContents([node], blobs)
    const open = contents.open(node)
    // A pool would keep more than these bytes.
    const bytes = Uint8Array.from(takeBytes(open, node.size))
    open.close()
    editor.put(path, { ...node, content: { kind: 'bytes', bytes } })
  }
  return editor.current
}

function countNames(directory: DirectoryNode, wanted: TreeNode): number {
  let count = 0
  for (const child of directory.children.values()) {
    if (child === wanted) count++
    else if (child.type === 'directory') count += countNames(child, wanted)
  }
  return count
}
