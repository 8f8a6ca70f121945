import type { LzmaDecoder } from './lzma-decoder.js'
import type { XzInput } from './xz-input.js'

/** Bytes that one chunk may become: the decoder's ring must hold them. */
export const LARGEST_CHUNK: number = 2 << 20

/** Dictionary sizes from 4 KiB to 4 GiB, as one byte says them; undefined for what is none. */
export function dictionarySize(byte: number): number | undefined {
  if (byte > 40) return undefined
  return byte === 40 ? 2 ** 32 - 1 : (2 | (byte & 1)) * 2 ** (Math.floor(byte / 2) + 11)
}

/**
 * The content of LZMA2 data, up to and with its end mark. Each piece is good until the next is asked for.
 * @throws the faults DATA and TRUNCATED of the input
 */
export async function* lzma2(input: XzInput, decoder: LzmaDecoder): AsyncGenerator<Uint8Array> {
  let isFirst = true
  let needsProperties = true
  for (;;) {
    const control = (await input.take(1))[0]!
    if (control === 0) return
    if (control >= 0xe0 || control === 1) {
      decoder.resetDictionary()
      needsProperties = true
    } else if (isFirst) throw input.damaged('no dictionary')
    isFirst = false
    const start = decoder.position
    let length: number
    if (control < 0x80) {
      if (control > 2) throw input.damaged('a chunk of no known kind')
      length = (await input.take(2)).readUInt16BE() + 1
      decoder.copy(await input.take(length))
    } else {
      const header = await input.take(control >= 0xc0 ? 5 : 4)
      length = ((control & 0x1f) << 16) + header.readUInt16BE() + 1
      const packed = header.readUInt16BE(2) + 1
      if (control >= 0xc0) {
        if (!decoder.setProperties(header[4]!)) throw input.damaged('properties')
        needsProperties = false
      } else if (needsProperties) throw input.damaged('no properties')
      else if (control >= 0xa0) decoder.resetState()
      if (!decoder.decode(await input.take(packed), length)) throw input.damaged('a chunk')
    }
    const end = start + length
    yield decoder.ring.subarray(start, Math.min(end, decoder.ring.length))
    if (end > decoder.ring.length) yield decoder.ring.subarray(0, end - decoder.ring.length)
  }
}
