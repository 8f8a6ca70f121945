import { type Digest, isDigest, type Store } from '@cooperage/store'
import type { ExtraHost } from './run-options.js'
import type { Container } from './sandbox/container.js'
import type { ExecutorName } from './sandbox/executor.js'
import type { FileAccess } from './sandbox/file-access.js'

/** What is remembered of the last process that failed; never a secret, and no proxy, whose URL may hold one. */
export interface FailedRecord {
  readonly text: string
  /** The file system that the process found, lowest layer first. */
  readonly layers: readonly Digest[]
  /** Key of the directory that the process wrote to, among the trees of the store. */
  readonly tree: Digest
  /** `overlay`: it holds what was changed. `directory`: all files. */
  readonly kind: 'overlay' | 'directory'
  /** Who ran it, and how its file system was made: what an overlay holds means something to its own kind alone. */
  readonly executor: ExecutorName
  readonly overlay: FileAccess['overlay']
  readonly owners: FileAccess['owners']
  readonly extraHosts: readonly ExtraHost[]
  readonly container: Pick<Container, 'env' | 'cwd' | 'user' | 'hostname' | 'network' | 'insecure' | 'limits'>
}

const KIND = 'failed-run'
const KEY = 'last'

export async function readFailed(store: Store): Promise<FailedRecord | undefined> {
  const text = await store.records.getText(KIND, KEY)
  if (text === undefined) return undefined
  try {
    const record = JSON.parse(text) as FailedRecord
    // One of an earlier version does not say who ran it.
    const isWhole = isDigest(record.tree) && record.layers.every(isDigest) && record.executor !== undefined
    return isWhole ? record : undefined
  } catch {
    return undefined
  }
}

export async function writeFailed(store: Store, record: FailedRecord): Promise<void> {
  await store.records.put(KIND, KEY, JSON.stringify({ ...record, blobs: record.layers }))
}
