import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import {
  type ByteString,
  type DirectoryNode,
  type LayerItem,
  type Metadata,
  TREE_FILES,
} from '@cooperage/store'
import type { FileSystem } from '../execute/file-system.js'
import type { StepEnvironment } from '../execute/step-environment.js'
import { fileList } from './projection/file-list.js'
import { directory, inside } from './projection/items-inside.js'
import { listChanges } from './projection/list-changes.js'
import { treeItems } from './projection/tree-items.js'
import { unpackItems } from './projection/unpack.js'
import { type ChangesLayer, readChanges } from './read-changes.js'
import type { RunMachine } from './run-support.js'
import type { Rootfs } from './sandbox/container.js'
import { runTool } from './tool.js'

export interface RootSpaceOptions {
  readonly environment: StepEnvironment
  readonly machine: RunMachine
  readonly step: string
  /** What the process finds, and the same as a tree. */
  readonly below: FileSystem
  readonly tree: DirectoryNode
  /** Mount points that the image lacks, and their paths. */
  readonly stubs: DirectoryNode | undefined
  readonly stubPaths: ReadonlySet<ByteString>
  /** Directories that are made before the process starts, with what is above them: its working directory. */
  readonly made: readonly LayerItem[]
}

/** Where a process runs, and how what it changed is read back. */
export interface RootSpace {
  readonly rootfs: Rootfs
  /** For the executor. */
  readonly bundle: string
  /** Once, when the process has ended. */
  read(): Promise<ChangesLayer>
  /** The directory that may become one of a layer. */
  readonly upper: string | undefined
}

/** A clock tick of any kernel: what is changed later than this after it was listed has another ctime. */
const TICK = 20
/** Each in a folder of its own, with which it can be kept as a tree. */
const UPPER = `upper/${TREE_FILES}`
const ROOT = `root/${TREE_FILES}`
const PRIVATE: Metadata = { mode: 0o700, uid: 0, gid: 0, mtime: 0 }

/** Makes a file system for one process in a scratch of the store: an overlay, or a copy where there are none. */
export function rootSpace(scratch: string, options: RootSpaceOptions): Promise<RootSpace> {
  const isOverlay = options.machine.files.overlay !== 'none'
  return isOverlay ? overlaySpace(scratch, options) : copySpace(scratch, options)
}

/** All directories are made by one process; the mount points lie on top of the image, so that nobody makes them. */
async function overlaySpace(scratch: string, options: RootSpaceOptions): Promise<RootSpace> {
  const { machine, below, tree, stubs, made } = options
  const lowers = await machine.directories.lowers(below)
  await unpackItems(
    [
      directory('bundle', PRIVATE),
      ...(stubs === undefined ? [] : [directory('stubs', stubs.meta), ...inside('stubs', treeItems(stubs))]),
      directory('upper', PRIVATE),
      directory(UPPER, tree.meta),
      ...inside(UPPER, made),
      directory('work', PRIVATE),
    ],
    scratch,
    { ...tools(options), root: PRIVATE },
  )
  const upper = join(scratch, UPPER)
  const own = stubs === undefined ? [] : [join(scratch, 'stubs')]
  return {
    rootfs: { kind: 'overlay', lowers: [...own, ...lowers], upper, work: join(scratch, 'work') },
    bundle: join(scratch, 'bundle'),
    upper,
    read: () => readChanges(upper, reading(options)),
  }
}

async function copySpace(scratch: string, options: RootSpaceOptions): Promise<RootSpace> {
  const { environment, machine, below, stubs, made } = options
  const { signal } = environment
  const { enter } = machine.files
  const root = join(scratch, ROOT)
  const whole = await machine.directories.whole(below)
  await mkdir(join(scratch, 'root'), { mode: 0o700 })
  await runTool(['cp', '-a', '--reflink=auto', '--', whole, root], { enter, signal })
  const items = [
    directory('bundle', PRIVATE),
    ...(stubs === undefined ? [] : inside(ROOT, treeItems(stubs))),
    ...inside(ROOT, made),
  ]
  await unpackItems(items, scratch, { ...tools(options), root: PRIVATE })
  const before = await fileList(root, { enter, signal })
  await setTimeout(TICK, undefined, { signal })
  return {
    rootfs: { kind: 'directory', path: root },
    bundle: join(scratch, 'bundle'),
    upper: undefined,
    async read() {
      const after = await fileList(root, { enter, signal })
      return readChanges(root, {
        ...reading(options),
        changes: withMade(listChanges(before, after), options),
      })
    },
  }
}

/** What was made for the process belongs to its layer, though the process did not change it. */
function withMade(changes: ReturnType<typeof listChanges>, { made }: RootSpaceOptions): typeof changes {
  const known = new Set(changes.map(({ path }) => path))
  const added = made.filter(({ path }) => !known.has(path)).map(({ path }) => ({ path, isThere: true }))
  if (added.length === 0) return changes
  const key = (path: ByteString) => path.replaceAll('/', '\0')
  return [...changes, ...added].sort((a, b) => (key(a.path) < key(b.path) ? -1 : 1))
}

function reading(options: RootSpaceOptions) {
  const { environment, step, machine, tree, stubPaths } = options
  return { environment, step, files: machine.files, tree, stubs: stubPaths }
}

function tools({ environment, machine }: RootSpaceOptions) {
  const { store, openHost, signal } = environment
  return { files: machine.files, store, openHost, signal }
}
