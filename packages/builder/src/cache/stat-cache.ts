import type { ByteString, Digest, FileNode, HostStat, Store } from '@cooperage/store'
import { isDigest } from '@cooperage/store'

const KIND = 'stat'
const FIELDS = 3

/**
 * A clock of a file system that shows fractions of a second ticks at least every 10 ms; one that does not may tick
 * every two seconds (FAT). A file read sooner after its last change than a tick may change again unseen.
 */
const FINE_TICK_NS = 20_000_000n
const COARSE_TICK_NS = 2_000_000_000n

interface Known {
  readonly stat: string
  readonly digest: Digest
}

/**
 * Digests of the files of one context as they were when last read, by path. A file whose device, inode, size and
 * times are the same has the same content, and is not read again. Losing the record costs time, nothing else.
 */
export class StatCache {
  readonly #store: Store
  readonly #name: ByteString
  readonly #old: ReadonlyMap<ByteString, Known>
  readonly #new = new Map<ByteString, Known>()
  #changed = false

  private constructor(store: Store, name: ByteString, old: ReadonlyMap<ByteString, Known>) {
    this.#store = store
    this.#name = name
    this.#old = old
  }

  /** `name` tells one context from another (its identity); it names the record. */
  static async load(store: Store, name: ByteString): Promise<StatCache> {
    const payload = await store.records.get(KIND, name)
    return new StatCache(store, name, payload === undefined ? new Map() : decode(payload.toString('latin1')))
  }

  /** The digest of a file that is as it was. */
  get(node: FileNode): Digest | undefined {
    if (node.content.kind !== 'host') return undefined
    const { path } = node.content
    const known = this.#old.get(path)
    if (known === undefined || known.stat !== statText(node.size, node.content.stat)) return undefined
    this.#new.set(path, known)
    return known.digest
  }

  /** Remembers what was read at `readAt` (nanoseconds since 1970), unless the file is too young to be trusted. */
  set(node: FileNode, digest: Digest, readAt: bigint): void {
    if (node.content.kind !== 'host' || !isSettled(node.content.stat, readAt)) return
    this.#new.set(node.content.path, { stat: statText(node.size, node.content.stat), digest })
    this.#changed = true
  }

  /** Writes what this build saw; files it did not see are forgotten. */
  async save(): Promise<void> {
    if (!this.#changed && this.#new.size === this.#old.size) return
    const fields: string[] = []
    for (const [path, known] of this.#new) fields.push(path, known.stat, known.digest)
    await this.#store.records.put(KIND, this.#name, Buffer.from(fields.join('\0'), 'latin1'))
  }
}

function decode(payload: string): Map<ByteString, Known> {
  const known = new Map<ByteString, Known>()
  const fields = payload.split('\0')
  for (let at = 0; at + FIELDS <= fields.length; at += FIELDS) {
    const digest = fields[at + 2]
    if (isDigest(digest)) known.set(fields[at]!, { stat: fields[at + 1]!, digest })
  }
  return known
}

function statText(size: number, stat: HostStat): string {
  return `${size} ${stat.dev} ${stat.ino} ${stat.mtimeNs} ${stat.ctimeNs}`
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
