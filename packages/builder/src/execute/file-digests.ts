import { setTimeout } from 'node:timers/promises'
import { type Contents, type Digest, type FileNode, openContents } from '@cooperage/store'
import { type StatCache, unsettledFor } from '../cache/stat-cache.js'
import { hashFiles } from './hash-files.js'
import { nowNs } from './now-ns.js'
import type { StepEnvironment } from './step-environment.js'

/**
 * Below this share of bytes, files of unknown content are read for their digests before anything is written: the
 * cache may then hold the layer. Above it the layer is very likely new, and one pass hashes and frames at once.
 */
const FRAME_AT_ONCE = 0.25
const ALWAYS_HASH_FIRST = 8 << 20

/** What is known of the contents of one source's files. */
export class FileDigests {
  readonly #known = new WeakMap<FileNode, Digest>()
  readonly #stats: StatCache | undefined
  readonly #environment: StepEnvironment

  constructor(environment: StepEnvironment, stats?: StatCache) {
    this.#environment = environment
    this.#stats = stats
  }

  get(node: FileNode): Digest | undefined {
    const known = node.digest ?? this.#known.get(node)
    if (known !== undefined) return known
    const found = this.#stats?.get(node)
    if (found !== undefined) this.#known.set(node, found)
    return found
  }

  /** Remembers a digest just computed. */
  set(node: FileNode, digest: Digest, readAt: bigint): void {
    this.#known.set(node, digest)
    this.#stats?.set(node, digest, readAt)
    this.#environment.counters.filesRead++
    this.#environment.counters.bytesRead += node.size
  }

  /** Files without a known digest. */
  unknown(nodes: Iterable<FileNode>): FileNode[] {
    const unknown: FileNode[] = []
    for (const node of nodes) if (this.get(node) === undefined) unknown.push(node)
    return unknown
  }

  /** True when these are so many bytes that a layer should be written while they are hashed. */
  static isMost(unknown: readonly FileNode[], all: Iterable<FileNode>): boolean {
    const bytes = totalSize(unknown)
    return bytes > ALWAYS_HASH_FIRST && bytes > FRAME_AT_ONCE * totalSize(all)
  }

  /** To be awaited before files are read: one that was changed a moment ago would have to be read again next time. */
  async settle(unknown: readonly FileNode[]): Promise<void> {
    const wait = this.#stats === undefined ? 0 : unsettledFor(unknown, nowNs())
    if (wait > 0) await setTimeout(wait, undefined, { signal: this.#environment.signal })
  }

  /** Reads the files given and remembers their digests. */
  async hash(unknown: readonly FileNode[], step: string): Promise<void> {
    if (unknown.length === 0) return
    await this.settle(unknown)
    const { store, openHost, signal, emit } = this.#environment
    const total = totalSize(unknown)
    await using contents: Contents = await openContents(unknown, store.blobs, openHost)
    await hashFiles(unknown, {
      contents,
      signal,
      onDigest: (node, digest) => this.set(node, digest, nowNs()),
      onProgress: (current) =>
        emit({ type: 'progress', step, id: 'hashing', current, total, unit: 'bytes', at: Date.now() }),
    })
  }
}

function totalSize(nodes: Iterable<FileNode>): number {
  let bytes = 0
  for (const node of nodes) bytes += node.size
  return bytes
}
