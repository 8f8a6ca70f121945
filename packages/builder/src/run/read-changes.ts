import {
  applyArchive,
  type ByteString,
  type Digest,
  type DirectoryNode,
  LayerStream,
  readTar,
} from '@cooperage/store'
import type { StepEnvironment } from '../execute/step-environment.js'
import { formOf } from './projection/file-form.js'
import { isEmptyDirectory } from './projection/is-empty.js'
import type { ListedChange } from './projection/list-changes.js'
import { type UpperArchiveOptions, upperArchive } from './projection/upper-archive.js'
import { UpperLayer } from './projection/upper-layer.js'
import type { FileAccess } from './sandbox/file-access.js'

export interface ReadChangesOptions {
  readonly environment: StepEnvironment
  readonly step: string
  readonly files: FileAccess
  /** The file system below. */
  readonly tree: DirectoryNode
  /** Mount points that the image lacks. */
  readonly stubs: ReadonlySet<ByteString>
  /** What of the directory is to be looked at, and what is gone. Default: it is an upper directory, and says so itself. */
  readonly changes?: readonly ListedChange[]
}

/** What a process has changed, committed as a layer. */
export interface ChangesLayer {
  readonly diffId: Digest
  /** In bytes. */
  readonly size: number
  /** The directory is the layer, file for file. */
  readonly isExact: boolean
  /** The file system as the process left it. */
  readonly tree: () => Promise<DirectoryNode>
}

/** Reads the directory that a process has written to, at which nothing works any more, and commits the layer. */
export async function readChanges(directory: string, options: ReadChangesOptions): Promise<ChangesLayer> {
  const { environment, step, files, tree, stubs, changes } = options
  const { store, signal, epoch, emit, openHost } = environment
  const { enter, place, overlay } = files
  const tool = { enter, signal, overlay, ...(place && { place }) }
  await using writer = await store.blobs.writer({ signal, transfer: true })
  const layer = new LayerStream(writer, {
    signal,
    ...(epoch !== undefined && { mtimeLimit: epoch }),
    onProgress: (current) =>
      emit({ type: 'progress', step, id: 'writing layer', current, unit: 'bytes', at: Date.now() }),
  })
  const reader = new UpperLayer(layer, {
    below: tree,
    stubs,
    form: formOf(files),
    blobs: store.blobs,
    openHost,
    reopen: (path) => reopen(directory, path, tool),
  })
  let said = ''
  const names = changes && namesOf(changes)
  const gone = (changes ?? []).filter(({ isThere }) => !isThere).reverse()
  const archive = upperArchive(directory, {
    ...tool,
    ...(names !== undefined && { names }),
    onEnd: ({ stderr }) => {
      said = stderr
    },
  })
  if (names === undefined ? !isEmptyDirectory(directory) : names.length > 0) {
    for await (const item of readTar(archive, { signal })) {
      if (gone.length > 0) await takeGone(item.entry.name)
      const taken = reader.take(item)
      if (taken !== undefined) await taken
      if (layer.full) await layer.flush()
    }
  }
  await takeGone(undefined)
  await reader.end()
  await layer.end()
  const { digest: diffId, size } = await writer.commit()
  const { items } = layer
  return {
    diffId,
    size,
    // Of a socket tar says that it is left out. Times that a limit has changed are others on the disk.
    isExact: changes === undefined && reader.isExact && said === '' && epoch === undefined,
    tree: async () => applyArchive(tree, items, { blob: diffId, as: 'layer' }),
  }

  /** What is gone and comes before this name; all of it at the end. */
  async function takeGone(before: ByteString | undefined): Promise<void> {
    const limit = before && sortKey(before.replace(/^\.\//, '').replace(/\/$/, ''))
    for (let next = gone.at(-1); next !== undefined; next = gone.at(-1)) {
      if (limit !== undefined && sortKey(next.path) > limit) return
      gone.pop()
      await reader.takeGone(next.path.split('/'))
      if (layer.full) await layer.flush()
    }
  }
}

function sortKey(path: ByteString): string {
  return path.replaceAll('/', '\0')
}

function namesOf(changes: readonly ListedChange[]): Buffer {
  const there = changes.filter(({ isThere }) => isThere)
  return Buffer.from(there.map(({ path }) => `./${path}\0`).join(''), 'latin1')
}

/** The content of one file; nothing writes there any more. */
async function* reopen(
  directory: string,
  path: ByteString,
  options: UpperArchiveOptions,
): AsyncGenerator<Uint8Array> {
  const names = Buffer.from(`./${path}\0`, 'latin1')
  for await (const item of readTar(upperArchive(directory, { ...options, names }))) yield* item.content()
}
