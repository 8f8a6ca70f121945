import type { ByteString, Digest, HostStat } from '@cooperage/store'

/** A file as it was when its content had this digest (sha256). */
export interface StatEntry {
  readonly path: ByteString
  /** In bytes. */
  readonly size: number
  readonly stat: HostStat
  readonly digest: Digest
}

const MAGIC = Buffer.from('cooper-stat-1\n\0\0', 'latin1')
const NUMBERS = 5
const DIGEST_SIZE = 32
const ENTRY_SIZE = NUMBERS * 8 + DIGEST_SIZE

/**
 * Many files in one record: a head with the count, then size, device, inode, mtime, ctime and digest of each at fixed
 * places, then their paths below the longest directory that they share. Made to be asked without being parsed: a
 * build of tens of thousands of unchanged files spends its time elsewhere.
 */
export function encodeStats(entries: readonly StatEntry[]): Buffer {
  const prefix = commonDirectory(entries)
  const paths = [prefix, ...entries.map(({ path }) => path.slice(prefix.length))].join('\0')
  const fixed = MAGIC.length + 4 + entries.length * ENTRY_SIZE
  const bytes = Buffer.allocUnsafe(fixed + paths.length)
  MAGIC.copy(bytes)
  bytes.writeUInt32LE(entries.length, MAGIC.length)
  let at = MAGIC.length + 4
  for (const { size, stat, digest } of entries) {
    bytes.writeDoubleLE(size, at)
    bytes.writeDoubleLE(stat.dev, at + 8)
    bytes.writeDoubleLE(stat.ino, at + 16)
    bytes.writeBigInt64LE(stat.mtimeNs, at + 24)
    bytes.writeBigInt64LE(stat.ctimeNs, at + 32)
    bytes.write(digest.slice('sha256:'.length), at + NUMBERS * 8, 'hex')
    at += ENTRY_SIZE
  }
  bytes.write(paths, fixed, 'latin1')
  return bytes
}

/** A record that can be asked by path. */
export class StatRecord {
  readonly #bytes: Buffer
  readonly #prefix: ByteString
  readonly #paths: readonly ByteString[]
  readonly #index: ReadonlyMap<ByteString, number>

  private constructor(bytes: Buffer, prefix: ByteString, paths: readonly ByteString[]) {
    this.#bytes = bytes
    this.#prefix = prefix
    this.#paths = paths
    this.#index = new Map(paths.map((path, index) => [path, index]))
  }

  /** What is no such record, or one of another version, knows nothing. */
  static decode(bytes: Buffer | undefined): StatRecord {
    const head = MAGIC.length + 4
    if (bytes === undefined || bytes.length < head || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) {
      return new StatRecord(Buffer.alloc(0), '', [])
    }
    const count = bytes.readUInt32LE(MAGIC.length)
    const [prefix = '', ...paths] = bytes.toString('latin1', head + count * ENTRY_SIZE).split('\0')
    return paths.length === count ? new StatRecord(bytes, prefix, paths) : new StatRecord(bytes, '', [])
  }

  get size(): number {
    return this.#paths.length
  }

  /** Number of the entry with this path, size, inode and times, or undefined. */
  find(path: ByteString, size: number, stat: HostStat): number | undefined {
    if (!path.startsWith(this.#prefix)) return undefined
    const index = this.#index.get(path.slice(this.#prefix.length))
    if (index === undefined) return undefined
    const bytes = this.#bytes
    const at = this.#offset(index)
    const isSame =
      bytes.readDoubleLE(at) === size &&
      bytes.readDoubleLE(at + 8) === stat.dev &&
      bytes.readDoubleLE(at + 16) === stat.ino &&
      bytes.readBigInt64LE(at + 24) === stat.mtimeNs &&
      bytes.readBigInt64LE(at + 32) === stat.ctimeNs
    return isSame ? index : undefined
  }

  digest(index: number): Digest {
    const at = this.#offset(index) + NUMBERS * 8
    return `sha256:${this.#bytes.toString('hex', at, at + DIGEST_SIZE)}`
  }

  entry(index: number): StatEntry {
    const bytes = this.#bytes
    const at = this.#offset(index)
    return {
      path: this.#prefix + this.#paths[index]!,
      size: bytes.readDoubleLE(at),
      stat: {
        dev: bytes.readDoubleLE(at + 8),
        ino: bytes.readDoubleLE(at + 16),
        mtimeNs: bytes.readBigInt64LE(at + 24),
        ctimeNs: bytes.readBigInt64LE(at + 32),
      },
      digest: this.digest(index),
    }
  }

  #offset(index: number): number {
    return MAGIC.length + 4 + index * ENTRY_SIZE
  }
}

function commonDirectory(entries: readonly StatEntry[]): ByteString {
  let prefix = entries[0]?.path ?? ''
  for (const { path } of entries) {
    let length = 0
    while (length < prefix.length && prefix[length] === path[length]) length++
    prefix = prefix.slice(0, length)
  }
  return prefix.slice(0, prefix.lastIndexOf('/') + 1)
}
