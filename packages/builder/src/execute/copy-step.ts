import { type Digest, type FileNode, fromUtf8, type TreeNode } from '@cooperage/store'
import { contentKey } from '../cache/content-key.js'
import { KeyBuilder } from '../cache/key-builder.js'
import type { CopyOperation } from '../plan/plan.js'
import { commitLayer } from './commit-layer.js'
import { type CopyItem, type CopyRequest, copyInto } from './copy-into.js'
import { selectItems } from './copy-items.js'
import type { CopySelection, CopySourceTree } from './copy-source.js'
import { FileDigests } from './file-digests.js'
import { FileSystem } from './file-system.js'
import { parseModeChange } from './mode-change.js'
import { type Owner, resolveOwner } from './owner.js'
import type { StepContext, StepOutcome } from './step.js'
import { foundLayer, newLayer, remembered } from './step-layer.js'
import { findArchives } from './unpacked-archive.js'

const KEY_VERSION = 5

interface CopyContext extends StepContext {
  readonly source: CopySourceTree
  /** Default: the paths of the operation in `source`, and its here-documents. */
  readonly selection?: CopySelection
}

/**
 * Executes COPY and ADD of files. Two keys may find the layer: one made of where the sources come from, which needs
 * no tree (another stage or image), and one made of what they hold.
 */
export async function copyStep(
  operation: CopyOperation,
  below: FileSystem,
  context: CopyContext,
): Promise<StepOutcome> {
  const { source, selection } = context
  // With --link the layer does not depend on what lies below it.
  const isLinked = operation.link && operation.chmod === ''
  const base = isLinked ? FileSystem.empty(below.form) : below
  const placeKey =
    source.identity === undefined
      ? undefined
      : keyOf(operation, base, context).field('place', source.identity).digest()
  const placed = await remembered(placeKey, context)
  if (placed !== undefined) return foundLayer(below, placed, { keys: [], context })

  const items = await (selection?.items() ?? selectItems(operation, context))
  const files = uniqueFiles(items)
  const unknown = source.digests.unknown(files)
  const frameAtOnce = FileDigests.isMost(unknown, files)
  if (frameAtOnce) await source.digests.settle(unknown)
  else await source.digests.hash(unknown, context.step)
  let computed: Digest | undefined
  const contentKeyOf = () =>
    (computed ??= keyOf(operation, base, context)
      .field(
        'content',
        contentKey(items, (node) => source.digests.get(node)!, context.environment.epoch),
      )
      .digest())
  const keys = (key: Digest) => (placeKey === undefined ? [key] : [key, placeKey])
  if (!frameAtOnce) {
    const found = await remembered(contentKeyOf(), context)
    if (found !== undefined) return foundLayer(below, found, { keys: keys(contentKeyOf()), context })
  }

  const owner = operation.chown === '' ? undefined : await lookUpOwner(operation.chown, base, context)
  const unpacks = selection?.unpacks ?? (() => operation.unpack)
  const taken = await findArchives(items, context.environment, unpacks)
  const lower = await base.tree()
  const origins = new Map<TreeNode, FileNode>()
  const upper = copyInto(lower, requestOf(operation, taken, { owner, context, origins }))
  let found: Awaited<ReturnType<typeof remembered>>
  const layer = await commitLayer(lower, upper, {
    environment: context.environment,
    options: {
      step: context.step,
      form: base.form,
      digests: source.digests,
      origin: (node) => origins.get(node),
      keep: async () => {
        // Files that the layer did not need (covered by a later source) still belong to the key.
        await source.digests.hash(source.digests.unknown(files), context.step)
        found = await remembered(contentKeyOf(), context)
        return found === undefined
      },
    },
  })
  if (layer === undefined) return foundLayer(below, found!, { keys: keys(contentKeyOf()), context })
  const tree = isLinked ? undefined : upper
  return newLayer(below, layer, { keys: keys(contentKeyOf()), context, ...(tree !== undefined && { tree }) })
}

function keyOf(operation: CopyOperation, base: FileSystem, context: CopyContext): KeyBuilder {
  const key = new KeyBuilder('copy', KEY_VERSION)
    .field('below', base.identity)
    .field('sources', operation.sources)
    .field('destination', operation.destination)
    .field(
      'inline',
      operation.inline.flatMap(({ name, content }) => [name, content]),
    )
    .field('chown', operation.chown)
    .field('chmod', operation.chmod)
    .field('link', operation.link)
    .field('parents', operation.parents)
    .field('excludes', operation.excludes)
    .field('unpack', operation.unpack)
    .field('epoch', context.environment.epoch)
  return context.selection === undefined ? key : key.field('selection', context.selection.key)
}

interface RequestParts {
  readonly owner: Owner | undefined
  readonly context: StepContext
  /** Filled: copy to original, for the digests. */
  readonly origins: Map<TreeNode, FileNode>
}

function requestOf(operation: CopyOperation, items: readonly CopyItem[], parts: RequestParts): CopyRequest {
  const { epoch, now } = parts.context.environment
  return {
    items,
    destination: fromUtf8(operation.destination),
    ...(parts.owner !== undefined && { owner: parts.owner }),
    ...(operation.chmod !== '' && { mode: parseModeChange(operation.chmod) }),
    now: epoch ?? now,
    ...(epoch !== undefined && { mtimeLimit: epoch }),
    onCopy: (copy, original) => parts.origins.set(copy, original),
  }
}

function lookUpOwner(chown: string, base: FileSystem, context: StepContext): Promise<Owner> {
  const { store, openHost } = context.environment
  return resolveOwner(chown, {
    tree: () => base.tree(),
    isScratch: base.layers.length === 0,
    blobs: store.blobs,
    openHost,
  })
}

function uniqueFiles(items: readonly CopyItem[]): Set<FileNode> {
  const files = new Set<FileNode>()
  const visit = (node: TreeNode): void => {
    if (node.type === 'file') files.add(node)
    else if (node.type === 'directory') for (const child of node.children.values()) visit(child)
  }
  for (const item of items) visit(item.node)
  return files
}
