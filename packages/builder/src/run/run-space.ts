import { join } from 'node:path'
import {
  type ByteString,
  type DirectoryNode,
  directoryOf,
  type LayerItem,
  type Metadata,
} from '@cooperage/store'
import type { StepEnvironment } from '../execute/step-environment.js'
import { treeItems } from './projection/tree-items.js'
import { unpackItems } from './projection/unpack.js'
import type { FileAccess } from './sandbox/file-access.js'

/** The directories of one run. */
export interface RunSpace {
  readonly scratch: string
  readonly upper: string
  readonly work: string
  /** Mount points that the image lacks; undefined when it has all. */
  readonly stubs: string | undefined
  /** For the executor. */
  readonly bundle: string
}

export interface RunSpaceOptions {
  readonly environment: StepEnvironment
  readonly files: FileAccess
  readonly tree: DirectoryNode
  readonly stubs: DirectoryNode | undefined
  /** Directories to be made before the process starts, with what is above them: the working directory. */
  readonly made: readonly LayerItem[]
}

const PRIVATE: Metadata = { mode: 0o700, uid: 0, gid: 0, mtime: 0 }

/** Makes the directories of a run in a scratch of the store, all with one process. */
export async function runSpace(scratch: string, options: RunSpaceOptions): Promise<RunSpace> {
  const { environment, files, tree, stubs, made } = options
  const { store, openHost, signal } = environment
  const directory = (path: ByteString, meta: Metadata): LayerItem => ({
    kind: 'node',
    path,
    node: directoryOf(meta),
  })
  const below = (name: string, items: readonly LayerItem[]): LayerItem[] =>
    items.map((item) => ({ ...item, path: `${name}/${item.path}` }))
  const items = [
    directory('bundle', PRIVATE),
    ...(stubs === undefined ? [] : [directory('stubs', stubs.meta), ...below('stubs', treeItems(stubs))]),
    directory('upper', tree.meta),
    ...below('upper', made),
    directory('work', PRIVATE),
  ]
  await unpackItems(items, scratch, { files, store, openHost, signal, root: PRIVATE })
  return {
    scratch,
    upper: join(scratch, 'upper'),
    work: join(scratch, 'work'),
    stubs: stubs === undefined ? undefined : join(scratch, 'stubs'),
    bundle: join(scratch, 'bundle'),
  }
}
