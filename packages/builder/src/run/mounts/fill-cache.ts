import { mkdir } from 'node:fs/promises'
import { directoryOf, fromUtf8, splitPath, type TreeNode } from '@cooperage/store'
import type { SharedMount } from '../../cache/shared/imported-cache.js'
import type { RunMount } from '../../plan/plan.js'
import { removeDirectory } from '../projection/remove-directory.js'
import { treeItems } from '../projection/tree-items.js'
import { unpackItems } from '../projection/unpack.js'
import type { BindSource } from './bind-source.js'
import type { MountContext } from './mount-context.js'
import { readMount } from './read-mount.js'
import { sharedCacheKey } from './shared-cache-key.js'

/** Where a cache that is a file lies in its directory. */
export const CACHED_FILE = 'file'

interface Filled {
  readonly mount: RunMount
  /** What it begins with, where the mount says so. */
  readonly source: BindSource | undefined
  /** The name of that. */
  readonly origin: string | undefined
  readonly context: MountContext
}

/**
 * Puts what a cache mount begins with into the empty directory of a cache that was not here before: what another
 * machine wrote to a shared cache, or else what the mount says.
 */
export async function fillCache(directory: string, filled: Filled): Promise<void> {
  const { mount, source, origin, context } = filled
  const { environment, cacheNamespace: namespace } = context
  const mounts = environment.shared?.mounts
  if (mounts?.isRead === true) {
    const shared = await mounts.find(sharedCacheKey(mount, { namespace, origin }))
    if (shared !== undefined && (await fillFrom(shared, directory, filled))) return
  }
  const { uid = 0, gid = 0, mode = 0o755 } = mount
  const node = await originOf(mount, source)
  const root = node?.type === 'directory' ? node : directoryOf({ mode, uid, gid, mtime: environment.now })
  const items = node?.type === 'file' ? [{ kind: 'node', path: CACHED_FILE, node } as const] : treeItems(root)
  await unpackItems(items, directory, { ...environment, files: context.files, root: root.meta })
}

/** What a cache mount begins with; undefined for an empty directory. */
export async function originOf(
  mount: RunMount,
  source: BindSource | undefined,
): Promise<TreeNode | undefined> {
  return isOfItsOwn(mount) ? undefined : await source?.node()
}

/** As in BuildKit, one that says whose it is and not what it begins with is a new directory in what `from` names. */
function isOfItsOwn({ source, uid, gid, mode }: RunMount): boolean {
  const saysWhose = uid !== undefined || gid !== undefined || mode !== undefined
  return saysWhose && splitPath(fromUtf8(source)).length === 0
}

/** False, with a warning, when the shared cache does not give it: the directory is then as it was. */
async function fillFrom(shared: SharedMount, directory: string, filled: Filled): Promise<boolean> {
  const { mount, context } = filled
  const { files, environment } = context
  const { store, signal, emit } = environment
  const step = `${context.step}/mount-${mount.target}`
  const what = `cache mount ${mount.target} from ${shared.cache}`
  emit({ type: 'step.start', step, name: `importing ${what}`, inputs: [], at: Date.now() })
  try {
    const root = await readMount(shared, { store, signal })
    await unpackItems(treeItems(root), directory, { ...environment, files, root: root.meta })
    emit({ type: 'step.end', step, outcome: 'done', at: Date.now() })
    return true
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    emit({ type: 'step.end', step, outcome: 'failed', error: why, at: Date.now() })
    signal.throwIfAborted()
    await removeDirectory(directory, files)
    await mkdir(directory, { mode: 0o700 })
    const message = `the ${what} is not used: ${why}`
    emit({ type: 'warning', rule: 'CacheMountNotImported', message, at: Date.now() })
    return false
  }
}
