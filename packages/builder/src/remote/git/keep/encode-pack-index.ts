import { createHash } from 'node:crypto'
import type { PackedObject } from './pack-writer.js'

const LARGE = 2 ** 31

/** The index of a pack, version 2 (gitformat-pack(5)). `objects` are in the order of their names. */
export function encodePackIndex(
  objects: readonly PackedObject[],
  pack: { readonly checksum: Uint8Array; readonly algorithm: 'sha1' | 'sha256' },
): Buffer {
  const fanout = Buffer.alloc(256 * 4)
  let before = 0
  for (let first = 0; first < 256; first++) {
    while (before < objects.length && Number.parseInt(objects[before]!.name.slice(0, 2), 16) <= first)
      before++
    fanout.writeUInt32BE(before, first * 4)
  }
  const checksums = Buffer.alloc(objects.length * 4)
  const offsets = Buffer.alloc(objects.length * 4)
  const large: Buffer[] = []
  for (const [index, { checksum, offset }] of objects.entries()) {
    checksums.writeUInt32BE(checksum, index * 4)
    if (offset < LARGE) offsets.writeUInt32BE(offset, index * 4)
    else {
      offsets.writeUInt32BE(LARGE + large.length, index * 4)
      const wide = Buffer.alloc(8)
      wide.writeBigUInt64BE(BigInt(offset))
      large.push(wide)
    }
  }
  const names = objects.map(({ name }) => Buffer.from(name, 'hex'))
  const parts = [Buffer.from('ff744f6300000002', 'hex'), fanout, ...names, checksums, offsets, ...large]
  const index = Buffer.concat([...parts, pack.checksum])
  return Buffer.concat([index, createHash(pack.algorithm).update(index).digest()])
}
