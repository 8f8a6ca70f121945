import {
  type Digest,
  type DigestOf,
  type DirectoryNode,
  diffTrees,
  type FileNode,
  type LayerItem,
  openContents,
  undecidedFiles,
  writeLayer,
} from '@cooperage/store'
import { hashFiles } from './hash-files.js'
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
  const items = diffTrees(below, above, await digestsFor(below, above, context))
  await using contents = await openContents(filesOf(items), environment.store.blobs, environment.openHost)
  await using writer = await environment.store.blobs.writer({ signal: environment.signal })
  const { digests, origin = () => undefined } = options
  await writeLayer(items, writer, {
    contents,
    signal: environment.signal,
    ...(environment.epoch !== undefined && { mtimeLimit: environment.epoch }),
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

/** What decides whether a file is part of the layer, read where it is not known: the same input gives the same layer. */
async function digestsFor(
  below: DirectoryNode,
  above: DirectoryNode,
  context: { readonly environment: StepEnvironment; readonly options: CommitOptions },
): Promise<DigestOf> {
  const { environment, options } = context
  const { store, openHost, signal } = environment
  const { digests, origin = () => undefined } = options
  const found = new Map<FileNode, Digest>()
  const digestOf: DigestOf = (node) =>
    node.digest ?? found.get(node) ?? digests?.get(node) ?? digests?.get(origin(node) ?? node)
  const undecided = undecidedFiles(below, above, digestOf)
  if (undecided.size === 0) return digestOf
  await using contents = await openContents(undecided, store.blobs, openHost)
  await hashFiles(undecided, { contents, signal, onDigest: (node, digest) => found.set(node, digest) })
  return digestOf
}

function* filesOf(items: readonly LayerItem[]): Generator<FileNode> {
  for (const item of items) if (item.kind === 'node' && item.node.type === 'file') yield item.node
}
