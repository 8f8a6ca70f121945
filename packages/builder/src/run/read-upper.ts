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
import { upperArchive } from './projection/upper-archive.js'
import { UpperLayer } from './projection/upper-layer.js'
import type { FileAccess } from './sandbox/file-access.js'
import type { ToolOptions } from './tool.js'

export interface ReadUpperOptions {
  readonly environment: StepEnvironment
  readonly step: string
  readonly files: FileAccess
  /** The file system below. */
  readonly tree: DirectoryNode
  /** Mount points that the image lacks. */
  readonly stubs: ReadonlySet<ByteString>
}

export interface UpperResult {
  readonly diffId: Digest
  /** In bytes. */
  readonly size: number
  /** The upper directory is the layer, file for file. */
  readonly isExact: boolean
  readonly tree: () => Promise<DirectoryNode>
}

/** Reads an upper directory, at which nothing works any more, and commits the layer that it makes. */
export async function layerOfUpper(upper: string, options: ReadUpperOptions): Promise<UpperResult> {
  const { environment, step, files, tree, stubs } = options
  const { store, signal, epoch, emit, openHost } = environment
  const { enter } = files
  await using writer = await store.blobs.writer({ signal })
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
    reopen: (path) => reopen(upper, path, { enter, signal }),
  })
  let said = ''
  const archive = upperArchive(upper, { enter, signal, onEnd: ({ stderr }) => (said = stderr) })
  for await (const item of readTar(archive, { signal })) await reader.take(item)
  await reader.end()
  await layer.end()
  const { digest: diffId, size } = await writer.commit()
  const { items } = layer
  return {
    diffId,
    size,
    // Of a socket tar says that it is left out. Times that a limit has changed are others on the disk.
    isExact: reader.isExact && said === '' && epoch === undefined,
    tree: async () => applyArchive(tree, items, { blob: diffId, as: 'layer' }),
  }
}

/** The content of one file; nothing writes there any more. */
async function* reopen(upper: string, path: ByteString, options: ToolOptions): AsyncGenerator<Uint8Array> {
  const names = Buffer.from(`./${path}\0`, 'latin1')
  for await (const item of readTar(upperArchive(upper, { ...options, names }))) yield* item.content()
}
