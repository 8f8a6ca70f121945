import {
  type Digest,
  type DirectoryNode,
  type FileNode,
  type LayerItem,
  openContents,
  writeLayer,
} from '@cooperage/store'
import { diffWithContents } from './diff-with-contents.js'
import { nowNs } from './now-ns.js'
import type { StepEnvironment } from './step-environment.js'

export interface CommitOptions {
  readonly step: string
  /** Called with digests of files that were not known before. */
  readonly digests?: {
    get(node: FileNode): Digest | undefined
    set(node: FileNode, digest: Digest, readAt: bigint): void
  }
  /** The node that a file of the new tree was copied from: its digest is remembered, if it has one. */
  readonly origin?: (node: FileNode) => FileNode | undefined
  /** Asked when every byte is written: a layer that was found meanwhile makes this one needless. */
  readonly keep?: () => Promise<boolean>
}

/** Writes the layer between two trees into the store; undefined when `keep` said no. Nothing is left behind then. */
export async function commitLayer(
  below: DirectoryNode,
  above: DirectoryNode,
  context: { readonly environment: StepEnvironment; readonly options: CommitOptions },
): Promise<{ diffId: Digest; size: number } | undefined> {
  const { environment, options } = context
  const limit = environment.epoch === undefined ? {} : { mtimeLimit: environment.epoch }
  const items = await diffWithContents(below, above, environment)
  await using contents = await openContents(filesOf(items), environment.store.blobs, environment.openHost)
  await using writer = await environment.store.blobs.writer({ signal: environment.signal })
  const { digests, origin = () => undefined } = options
  await writeLayer(items, writer, {
    contents,
    signal: environment.signal,
    ...limit,
    ...(digests !== undefined && {
      isDigestKnown: (node: FileNode) => {
        const original = origin(node)
        return original === undefined || digests.get(original) !== undefined
      },
      onDigest: (node: FileNode, digest: Digest) => digests.set(origin(node)!, digest, nowNs()),
    }),
    onProgress: (current) =>
      environment.emit({
        type: 'progress',
        step: options.step,
        id: 'writing layer',
        current,
        unit: 'bytes',
        at: Date.now(),
      }),
  })
  if (options.keep !== undefined && !(await options.keep())) return undefined
  const blob = await writer.commit()
  return { diffId: blob.digest, size: blob.size }
}

function* filesOf(items: readonly LayerItem[]): Generator<FileNode> {
  for (const item of items) if (item.kind === 'node' && item.node.type === 'file') yield item.node
}
