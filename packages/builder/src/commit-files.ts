import {
  CooperageError,
  type Descriptor,
  type Digest,
  type DirectoryNode,
  diffTrees,
  digestOf,
  encodeConfig,
  type FileNode,
  type ImageConfig,
  isCooperageError,
  type LayerItem,
  type Manifest,
  openContents,
  parseDigest,
  type Store,
  writeLayer,
} from '@cooperage/store'
import { layerForm } from './base/layer-form.js'
import { openHostContent } from './context/host-content.js'
import type { ContextSource } from './context/source.js'
import { FileSystem, type StageLayer } from './execute/file-system.js'
import { loadLayer } from './execute/load-layer.js'
import { rfc3339 } from './execute/rfc3339.js'
import { ownedLike } from './image/owned-like.js'
import { settleSame } from './image/settle-same.js'
import { describeImage } from './outputs/describe-image.js'
import { fullName } from './outputs/full-name.js'
import { parseDockerfile } from './parse-dockerfile.js'
import { planBuild } from './plan/plan-build.js'

export interface CommitOptions {
  readonly store: Store
  /** What the files began as. */
  readonly base: { readonly manifest: Manifest; readonly config: ImageConfig }
  /** All files of the new image: a directory of this machine, or an archive, whose owners count. */
  readonly files: ContextSource
  /** Instructions that change the config: `CMD ["x"]`, `ENV A=b`. */
  readonly changes?: readonly string[]
  readonly tags?: readonly string[]
  /** Goes into the history. */
  readonly message?: string
  readonly author?: string
  /** Seconds since 1970: no time in the new layer is later. Default: now, for the image alone. */
  readonly created?: number
  readonly signal: AbortSignal
}

export interface CommitResult {
  readonly descriptor: Descriptor
  /** Digest of the config. */
  readonly imageId: Digest
  readonly config: ImageConfig
  /** What the new layer changes: paths that are there, and gone. */
  readonly entries: number
  readonly tags: readonly string[]
}

/**
 * An image with one more layer: what makes the files of the base those that are given. Of a directory, owners and
 * extended attributes are those of the base, and what is new belongs to root.
 * @throws E_COMMIT_CHANGE for a change that is no metadata, E_CTX_…, E_TAR_…, E_WHITEOUT_NAME, E_REF
 */
export async function commitFiles(options: CommitOptions): Promise<CommitResult> {
  const { store, base, signal } = options
  const tags = (options.tags ?? []).map(fullName)
  const created = rfc3339(options.created ?? Math.floor(Date.now() / 1000))
  const changed = await changedConfig(options)
  const below = fileSystemOf(base, { store, signal })
  const { items, layer } = await commitLayerOf(await below.tree(), options)
  const layers: StageLayer[] = [...below.layers, { ...layer, isOwn: true }]
  const own = { created, created_by: 'cooper commit', ...historyFields(options) }
  const config: ImageConfig = {
    ...base.config,
    ...changed.config,
    ...(options.author !== undefined && { author: options.author }),
    created,
    history: [
      ...(base.config.history ?? []),
      own,
      ...changed.history.map((createdBy) => ({ created, created_by: createdBy, empty_layer: true })),
    ],
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
  }
  const configBytes = encodeConfig(config)
  const descriptor = await describeImage(
    { config, configBytes, layers },
    {
      store,
      signal,
      compression: 'uncompressed',
      forceCompression: false,
      ociMediaTypes: true,
      annotations: { document: {}, descriptor: {} },
    },
  )
  for (const tag of tags) {
    await store.refs.set(tag, { descriptor, created: Date.now(), blobs: [layer.diffId] })
  }
  return { descriptor, imageId: digestOf(configBytes), config, entries: items.length, tags }
}

function historyFields({ message, author }: CommitOptions) {
  return { ...(message !== undefined && { comment: message }), ...(author !== undefined && { author }) }
}

function fileSystemOf(
  { manifest, config }: CommitOptions['base'],
  context: { readonly store: Store; readonly signal: AbortSignal },
): FileSystem {
  let fileSystem = FileSystem.empty(layerForm(config))
  for (const [index, descriptor] of manifest.layers.entries()) {
    const below = fileSystem
    const layer: StageLayer = { diffId: parseDigest(config.rootfs.diff_ids[index]), descriptor }
    fileSystem = below.with(layer, async () =>
      loadLayer(await below.tree(), layer, { ...context, form: below.form }),
    )
  }
  return fileSystem
}

/** Only what is other than in the base is written. */
async function commitLayerOf(
  below: DirectoryNode,
  { store, files, base, created, signal }: CommitOptions,
): Promise<{ items: readonly LayerItem[]; layer: { diffId: Digest; size: number } }> {
  // An ignore file among the files is one of them.
  const loaded = await files.load({
    spool: store.blobs,
    leaveOut: store.path,
    ignore: { file: '', text: '' },
    signal,
  })
  const skipped = new Set(loaded.warnings.map(({ path }) => path))
  const isArchive = loaded.treeDigest !== undefined || loaded.identity.startsWith('tar:')
  const above = isArchive ? loaded.tree : ownedLike(below, loaded.tree, skipped)
  const settled = await settleSame(below, above, { blobs: store.blobs, openHost: openHostContent, signal })
  const items = diffTrees(below, settled)
  await using contents = await openContents(filesOf(items), store.blobs, openHostContent)
  await using writer = await store.blobs.writer({ signal })
  await writeLayer(items, writer, {
    contents,
    signal,
    ...(created !== undefined && { mtimeLimit: created }),
    ...(layerForm(base.config) === 'windows' && {
      windows: { time: created ?? Math.floor(Date.now() / 1000) },
    }),
  })
  const { digest: diffId, size } = await writer.commit()
  return { items, layer: { diffId, size } }
}

function* filesOf(items: readonly LayerItem[]): Generator<FileNode> {
  for (const item of items) if (item.kind === 'node' && item.node.type === 'file') yield item.node
}

/** The config after the changes, evaluated as those of a Dockerfile. */
async function changedConfig(options: CommitOptions) {
  try {
    return await evaluateChanges(options)
  } catch (error) {
    throw aboutChange(error, options.changes ?? [])
  }
}

/** There is no file that a person could look into: the change itself is named instead of a line. */
function aboutChange(error: unknown, changes: readonly string[]): unknown {
  if (!isCooperageError(error) || error.location === undefined) return error
  let end = 1
  const change = changes.find((text) => {
    end += text.split('\n').length
    return error.location!.line <= end
  })
  if (change === undefined) return error
  const problem = error.message.replace(/^dockerfile parse error on line \d+: /, '')
  return new CooperageError(error.code, `cannot use --change ${JSON.stringify(change)}: ${problem}`, {
    category: error.category,
    ...(error.hint !== undefined && { hint: error.hint }),
    data: { ...error.data, change },
  })
}

async function evaluateChanges({ base, changes = [], signal }: CommitOptions) {
  const dockerfile = parseDockerfile(['FROM base', ...changes].join('\n'))
  const { architecture, os, variant } = base.config
  const plan = await planBuild(dockerfile, {
    buildPlatform: { architecture, os, ...(variant !== undefined && { variant }) },
    resolveImage: async () => ({ id: 'base', config: base.config }),
    signal,
  })
  const stage = plan.stages.get(plan.target)!
  const [operation] = stage.operations
  if (operation === undefined && plan.stages.size === 1 && dockerfile.stages.length === 1) {
    return { config: stage.config, history: stage.history.map(({ createdBy }) => createdBy) }
  }
  throw new CooperageError(
    'E_COMMIT_CHANGE',
    `a commit changes metadata alone, and this makes a layer: ${operation?.text ?? 'FROM'}`,
    { hint: 'change the files instead, or build from the image that the commit makes' },
  )
}
