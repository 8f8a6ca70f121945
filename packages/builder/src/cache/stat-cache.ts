import type { ByteString, Digest, FileNode, HostStat, Store } from '@cooperage/store'
import { encodeStats, type StatEntry, StatRecord } from './stat-record.js'

const KIND = 'stat'

/**
 * A clock of a file system that shows fractions of a second ticks at least every 10 ms; one that does not may tick
 * every two seconds (FAT). A file read sooner after its last change than a tick may change again unseen.
 */
const FINE_TICK_NS = 20_000_000n
const COARSE_TICK_NS = 2_000_000_000n

/**
 * Digests of the files of one context as they were when last read, by path. A file whose device, inode, size and
 * times are the same has the same content, and is not read again. Losing the record costs time, nothing else.
 */
export class StatCache {
  readonly #store: Store
  readonly #name: ByteString
  readonly #old: StatRecord
  readonly #seen: Uint8Array
  #seenCount = 0
  readonly #new = new Map<ByteString, StatEntry>()

  private constructor(store: Store, name: ByteString, old: StatRecord) {
    this.#store = store
    this.#name = name
    this.#old = old
    this.#seen = new Uint8Array(old.size)
  }

  /** `name` tells one context from another (its identity); it names the record. */
  static async load(store: Store, name: ByteString): Promise<StatCache> {
    return new StatCache(store, name, StatRecord.decode(await store.records.get(KIND, name)))
  }

  /** The digest of a file that is as it was. */
  get(node: FileNode): Digest | undefined {
    if (node.content.kind !== 'host') return undefined
    const index = this.#old.find(node.content.path, node.size, node.content.stat)
    if (index === undefined) return undefined
    if (this.#seen[index] === 0) {
      this.#seen[index] = 1
      this.#seenCount++
    }
    return this.#old.digest(index)
  }

  /** Remembers what was read at `readAt` (nanoseconds since 1970), unless the file is too young to be trusted. */
  set(node: FileNode, digest: Digest, readAt: bigint): void {
    if (node.content.kind !== 'host' || !isSettled(node.content.stat, readAt)) return
    const { path, stat } = node.content
    this.#new.set(path, { path, size: node.size, stat, digest })
  }

  /** Writes what this build saw; files it did not see are forgotten. */
  async save(): Promise<void> {
    if (this.#new.size === 0 && this.#seenCount === this.#old.size) return
    const entries: StatEntry[] = []
    for (const [index, seen] of this.#seen.entries()) {
      if (seen === 0) continue
      const entry = this.#old.entry(index)
      if (!this.#new.has(entry.path)) entries.push(entry)
    }
    for (const entry of this.#new.values()) entries.push(entry)
    await this.#store.records.put(KIND, this.#name, encodeStats(entries))
  }
}

/**
 * Milliseconds to wait before these files are read, so that they can be trusted: nothing, or a tick for a file that
 * was changed just now. For coarse clocks nobody waits.
 */
export function unsettledFor(nodes: Iterable<FileNode>, now: bigint): number {
  let wait = 0n
  for (const { content } of nodes) {
    if (content.kind !== 'host' || tickOf(content.stat) !== FINE_TICK_NS) continue
    const left = FINE_TICK_NS - (now - content.stat.ctimeNs)
    if (left > wait && left <= 2n * FINE_TICK_NS) wait = left
  }
  return Math.ceil(Number(wait) / 1e6)
}

function isSettled(stat: HostStat, readAt: bigint): boolean {
  return readAt - stat.ctimeNs >= tickOf(stat)
}

function tickOf(stat: HostStat): bigint {
  return stat.ctimeNs % 1_000_000_000n === 0n ? COARSE_TICK_NS : FINE_TICK_NS
}
