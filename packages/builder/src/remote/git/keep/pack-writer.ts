import { createHash, type Hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { BlobWriter } from '@cooperage/store'
import { Adler32 } from './adler32.js'

const TYPES: Readonly<Record<string, number>> = { commit: 1, tree: 2, blob: 3, tag: 4 }
/** The most that a stored block of deflate holds (RFC 1951, 3.2.4). */
const STORED = 65_535

export interface PackedObject {
  readonly name: string
  readonly offset: number
  readonly checksum: number
}

/**
 * Writes a pack (gitformat-pack(5)) in which every object is whole and not compressed: its bytes then depend on the
 * objects and their order alone, on no version of git or zlib and on no server.
 */
export class PackWriter {
  readonly #out: BlobWriter
  readonly #hash: Hash
  readonly objects: PackedObject[] = []
  #size = 0
  #checksum = 0

  /** `algorithm` is that of the repository's names. */
  constructor(out: BlobWriter, algorithm: 'sha1' | 'sha256') {
    this.#out = out
    this.#hash = createHash(algorithm)
  }

  async begin(count: number): Promise<void> {
    const header = Buffer.from('PACK\0\0\0\x02\0\0\0\0', 'latin1')
    header.writeUInt32BE(count, 8)
    await this.#write(header)
  }

  /** `read` gives the content piece by piece, each of the length asked for. */
  async add(
    object: { readonly name: string; readonly type: string; readonly size: number },
    read: (length: number) => Promise<Uint8Array>,
  ): Promise<void> {
    const { name, type, size } = object
    const offset = this.#size
    this.#checksum = 0
    await this.#write(entryHeader(TYPES[type]!, size))
    const adler = new Adler32()
    let left = size
    do {
      const length = Math.min(left, STORED)
      left -= length
      const block = Buffer.from([left === 0 ? 1 : 0, 0, 0, 0, 0])
      block.writeUInt16LE(length, 1)
      block.writeUInt16LE(length ^ 0xffff, 3)
      const content = await read(length)
      adler.update(content)
      await this.#write(Buffer.concat([block, content]))
    } while (left > 0)
    await this.#write(adler.digest())
    this.objects.push({ name, offset, checksum: this.#checksum })
  }

  /** Writes the end. @returns the checksum of the pack, which is part of its index and its name */
  async end(): Promise<Buffer> {
    const checksum = this.#hash.digest()
    await this.#out.write(checksum)
    return Buffer.from(checksum)
  }

  async #write(bytes: Buffer): Promise<void> {
    this.#hash.update(bytes)
    this.#checksum = crc32(bytes, this.#checksum)
    this.#size += bytes.length
    await this.#out.write(bytes)
  }
}

/** Type and size, then the two bytes with which zlib data begins (RFC 1950, 2.2). */
function entryHeader(type: number, size: number): Buffer {
  const bytes = [(type << 4) | (size & 15)]
  for (let rest = Math.floor(size / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes[bytes.length - 1]! |= 0x80
    bytes.push(rest & 0x7f)
  }
  return Buffer.from([...bytes, 0x78, 0x01])
}
