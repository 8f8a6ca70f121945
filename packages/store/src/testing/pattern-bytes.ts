/**
 * Bytes that are the same on every machine for the same seed, look random, and do not compress (xorshift32).
 * For content that a test must be able to make twice.
 */
export function patternBytes(size: number, seed: number): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(Math.ceil(size / 4))
  let state = (seed ^ 0x9e3779b9) >>> 0 || 1
  for (let index = 0; index < words.length; index++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    words[index] = state
  }
  return new Uint8Array(words.buffer).slice(0, size)
}
