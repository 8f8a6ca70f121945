import { join } from 'node:path'
import type { DirectoryNode, OpenHostContent, Store } from '@cooperage/store'
import type { FileSystem } from '../execute/file-system.js'
import type { EnterOptions } from './failed-run.js'
import type { PlacedTargets } from './mounts/place-targets.js'
import { directory, inside } from './projection/items-inside.js'
import type { LayerDirectories } from './projection/layer-directories.js'
import { treeItems } from './projection/tree-items.js'
import { unpackItems } from './projection/unpack.js'
import type { Rootfs } from './sandbox/container.js'
import type { FileAccess } from './sandbox/file-access.js'
import { runTool } from './tool.js'

export interface FailedRootfsOptions {
  readonly state: EnterOptions['state']
  readonly kind: Rootfs['kind']
  /** The directory that the failed process wrote to, as it left it. */
  readonly written: string
  /** What the process found, and the same as a tree. */
  readonly below: FileSystem
  readonly tree: DirectoryNode
  readonly placed: PlacedTargets
  readonly layers: LayerDirectories
  readonly files: FileAccess
  readonly store: Store
  readonly openHost: OpenHostContent
  readonly signal: AbortSignal
}

const PRIVATE = { mode: 0o700, uid: 0, gid: 0, mtime: 0 }

/**
 * The file system for another process in the place of one that failed in an earlier build. What is made for it, in a
 * scratch of the store, goes with that; only what a process changes in the state `after` stays.
 */
export function failedRootfs(scratch: string, options: FailedRootfsOptions): Promise<Rootfs> {
  return options.kind === 'overlay' ? overlay(scratch, options) : copy(scratch, options)
}

async function overlay(scratch: string, options: FailedRootfsOptions): Promise<Rootfs> {
  const { state, written, below, tree, placed, layers } = options
  const { stubs, kept } = placed
  const items = [
    ...(stubs === undefined ? [] : [directory('stubs', stubs.meta), ...inside('stubs', treeItems(stubs))]),
    directory('upper', tree.meta),
    ...inside('upper', kept),
    directory('work', PRIVATE),
  ]
  await unpackItems(items, scratch, { ...options, root: PRIVATE })
  const own = stubs === undefined ? [] : [join(scratch, 'stubs')]
  return {
    kind: 'overlay',
    lowers: [...own, ...(await layers.lowers(below))],
    upper: state === 'before' ? join(scratch, 'upper') : written,
    work: join(scratch, 'work'),
  }
}

/** What the failed process left has the places of mounts, which were made for it. */
async function copy(scratch: string, options: FailedRootfsOptions): Promise<Rootfs> {
  const { state, written, below, placed, layers, files, signal } = options
  if (state === 'after') return { kind: 'directory', path: written }
  const { stubs, kept } = placed
  const root = join(scratch, 'root')
  const whole = await layers.whole(below)
  await runTool(['cp', '-a', '--reflink=auto', '--', whole, root], { enter: files.enter, signal })
  const items = [...(stubs === undefined ? [] : inside('root', treeItems(stubs))), ...inside('root', kept)]
  await unpackItems(items, scratch, { ...options, root: PRIVATE })
  return { kind: 'directory', path: root }
}
