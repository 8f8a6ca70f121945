import { once } from 'node:events'
import {
  type DirectoryNode,
  diffTrees,
  directoryOf,
  type FileNode,
  openContents,
  writeLayer,
  writeOutputFile,
} from '@cooperage/store'
import type { StepEnvironment } from '../execute/step-environment.js'

/** Writes every file of the tree as one tar, to a path or, for `-`, to standard output. */
export async function writeFilesTar(
  tree: DirectoryNode,
  options: { readonly environment: StepEnvironment; readonly destination: string },
): Promise<void> {
  const { environment, destination } = options
  if (destination !== '-') {
    await writeOutputFile(destination, (sink) => write((chunk) => sink.write(chunk)))
    return
  }
  await write(async (chunk) => {
    if (!process.stdout.write(chunk)) await once(process.stdout, 'drain', { signal: environment.signal })
  })

  async function write(take: (chunk: Uint8Array) => Promise<void>): Promise<void> {
    const items = diffTrees(directoryOf(tree.meta), tree)
    const files = items.flatMap((item) =>
      item.kind === 'node' && item.node.type === 'file' ? [item.node] : [],
    )
    await using contents = await openContents(
      files satisfies FileNode[],
      environment.store.blobs,
      environment.openHost,
    )
    await writeLayer(
      items,
      { write: take },
      {
        contents,
        signal: environment.signal,
        ...(environment.epoch !== undefined && { mtimeLimit: environment.epoch }),
      },
    )
  }
}
