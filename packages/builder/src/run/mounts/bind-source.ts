import { CooperageError, fromUtf8, resolveInTree, type TreeNode } from '@cooperage/store'
import { contentKey } from '../../cache/content-key.js'
import type { CopySourceTree } from '../../execute/copy-source.js'
import type { RunMount } from '../../plan/plan.js'

/** What a `--mount` takes from the build context, a stage, an image or a named context. */
export interface BindSource {
  readonly mount: RunMount
  readonly source: CopySourceTree
  /** What is at the path of the mount, links followed in the source's own tree. @throws E_MOUNT_SOURCE, E_LOOP */
  node(): Promise<TreeNode>
}

export function bindSource(mount: RunMount, source: CopySourceTree): BindSource {
  return {
    mount,
    source,
    async node() {
      const tree = await source.tree()
      const { node } = resolveInTree(tree, fromUtf8(`/${mount.source}`))
      if (node !== undefined) return node
      const why = source.explainMissing?.(mount.source)?.why
      throw new CooperageError(
        'E_MOUNT_SOURCE',
        `the source of a mount is not there: ${JSON.stringify(mount.source)}${why === undefined ? '' : `: ${why}`}`,
        {
          hint: 'the path is one of the stage, image or context that the mount names',
          data: { path: mount.source },
        },
      )
    },
  }
}

/** A digest of what a mount shows, whatever the times of its files. */
export async function bindContent(bind: BindSource, step: string): Promise<string> {
  const node = await bind.node()
  const { digests } = bind.source
  const items = [{ path: '/', node }]
  await digests.hash(digests.unknown(files(node)), step)
  return contentKey(items, (file) => digests.get(file)!)
}

function* files(node: TreeNode): Generator<TreeNode & { type: 'file' }> {
  if (node.type === 'file') yield node
  else if (node.type === 'directory') for (const child of node.children.values()) yield* files(child)
}
