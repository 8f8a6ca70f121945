import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { Crc64 } from './crc64.js'

/** How the content of a block is checked. */
export interface XzCheck {
  /** Bytes of the result. */
  readonly size: number
  start(): { update(bytes: Uint8Array): void; digest(): Uint8Array }
}

const NOTHING = new Uint8Array(0)

/** By the number in the stream's flags. The others are reserved and written by nobody. */
export const XZ_CHECKS: ReadonlyMap<number, XzCheck> = new Map<number, XzCheck>([
  [0, { size: 0, start: () => ({ update: () => {}, digest: () => NOTHING }) }],
  [1, { size: 4, start: startCrc32 }],
  [4, { size: 8, start: () => new Crc64() }],
  [10, { size: 32, start: startSha256 }],
])

function startCrc32() {
  let value = 0
  return {
    update: (bytes: Uint8Array) => {
      value = crc32(bytes, value)
    },
    digest: () => {
      const bytes = Buffer.alloc(4)
      bytes.writeUInt32LE(value)
      return bytes
    },
  }
}

function startSha256() {
  const hash = createHash('sha256')
  return { update: (bytes: Uint8Array) => void hash.update(bytes), digest: () => hash.digest() }
}
