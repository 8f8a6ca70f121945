import { evenProbabilities, RangeDecoder } from './range-decoder.js'

// Where each kind of probability begins in the one table.
const IS_MATCH = 0
const IS_REP = 192
const IS_REP_0 = 204
const IS_REP_1 = 216
const IS_REP_2 = 228
const IS_REP_0_LONG = 240
const DISTANCE_SLOT = 432
const DISTANCE_SPECIAL = 688
const DISTANCE_ALIGN = 816
const MATCH_LENGTH = 832
const REP_LENGTH = 1346
const LITERAL = 1860
const LITERAL_SIZE = 0x300

// Within the table of a length.
const SECOND_CHOICE = 1
const LOW = 2
const MIDDLE = 130
const HIGH = 258

const SHORTEST_MATCH = 2

/**
 * LZMA as LZMA2 uses it: chunk after chunk into one ring of bytes, that is at once the dictionary. Every method that
 * decodes answers false for data that no encoder writes; the decoder is of no use afterwards.
 */
export class LzmaDecoder {
  /** What was decoded last, `position` being where the next byte goes. As large as the dictionary, or as one chunk. */
  readonly ring: Uint8Array
  position = 0
  readonly #dictionary: number
  /** Bytes since the dictionary was reset. */
  #processed = 0
  readonly #range = new RangeDecoder()
  #probabilities = evenProbabilities(LITERAL)
  #literalContext = 0
  #literalMask = 0
  #positionMask = 0
  #state = 0
  readonly #distances = new Uint32Array(4)

  constructor(dictionary: number, largestChunk: number) {
    this.#dictionary = dictionary
    this.ring = new Uint8Array(Math.max(dictionary, largestChunk))
  }

  resetDictionary(): void {
    this.#processed = 0
  }

  /** The byte with lc, lp and pb, which also resets the state. */
  setProperties(byte: number): boolean {
    if (byte >= 9 * 5 * 5) return false
    const lc = byte % 9
    const lp = Math.floor(byte / 9) % 5
    if (lc + lp > 4) return false
    this.#literalContext = lc
    this.#literalMask = (1 << lp) - 1
    this.#positionMask = (1 << Math.floor(byte / 45)) - 1
    this.#probabilities = evenProbabilities(LITERAL + (LITERAL_SIZE << (lc + lp)))
    this.resetState()
    return true
  }

  resetState(): void {
    this.#probabilities.fill(1 << 10)
    this.#state = 0
    this.#distances.fill(0)
  }

  /** Takes bytes as they are. */
  copy(bytes: Uint8Array): void {
    const first = Math.min(bytes.length, this.ring.length - this.position)
    this.ring.set(bytes.subarray(0, first), this.position)
    this.ring.set(bytes.subarray(first), 0)
    this.position = (this.position + bytes.length) % this.ring.length
    this.#processed += bytes.length
  }

  /** Decodes a chunk that becomes `length` bytes. */
  decode(chunk: Uint8Array, length: number): boolean {
    if (!this.#range.begin(chunk)) return false
    const end = this.#processed + length
    while (this.#processed < end) {
      const at = this.#processed & this.#positionMask
      if (this.#range.bit(this.#probabilities, IS_MATCH + (this.#state << 4) + at) === 0) {
        this.#literal()
        continue
      }
      const count = this.#match(at)
      if (count === 0 || this.#processed + count > end || !this.#repeat(count)) return false
    }
    return this.#range.isFinished()
  }

  #literal(): void {
    const { ring } = this
    const range = this.#range
    const probabilities = this.#probabilities
    const lc = this.#literalContext
    const previous = this.#processed === 0 ? 0 : ring[(this.position || ring.length) - 1]!
    const context = ((this.#processed & this.#literalMask) << lc) + (previous >> (8 - lc))
    const base = LITERAL + LITERAL_SIZE * context
    let symbol = 1
    if (this.#state >= 7) {
      // After a match, the byte that the match would have gone on with tells what this one is not.
      let matched = this.#back(this.#distances[0]!) << 1
      while (symbol < 0x100) {
        const expected = (matched >> 8) & 1
        const bit = range.bit(probabilities, base + ((1 + expected) << 8) + symbol)
        symbol = (symbol << 1) | bit
        if (bit !== expected) break
        matched <<= 1
      }
    }
    while (symbol < 0x100) symbol = (symbol << 1) | range.bit(probabilities, base + symbol)
    ring[this.position] = symbol
    this.position = this.position + 1 === ring.length ? 0 : this.position + 1
    this.#processed++
    this.#state = this.#state < 4 ? 0 : this.#state < 10 ? this.#state - 3 : this.#state - 6
  }

  /** Reads a match; its length, 0 for an end mark, which LZMA2 does not have. */
  #match(at: number): number {
    const range = this.#range
    const probabilities = this.#probabilities
    const state = this.#state
    const distances = this.#distances
    if (range.bit(probabilities, IS_REP + state) === 0) {
      distances[3] = distances[2]!
      distances[2] = distances[1]!
      distances[1] = distances[0]!
      const length = this.#length(MATCH_LENGTH, at)
      distances[0] = this.#distance(length)
      this.#state = state < 7 ? 7 : 10
      return distances[0] === 0xffff_ffff ? 0 : length
    }
    if (range.bit(probabilities, IS_REP_0 + state) === 0) {
      if (range.bit(probabilities, IS_REP_0_LONG + (state << 4) + at) === 0) {
        this.#state = state < 7 ? 9 : 11
        return 1
      }
    } else {
      const which =
        range.bit(probabilities, IS_REP_1 + state) === 0 ? 1 : 2 + range.bit(probabilities, IS_REP_2 + state)
      const distance = distances[which]!
      distances.copyWithin(1, 0, which)
      distances[0] = distance
    }
    this.#state = state < 7 ? 8 : 11
    return this.#length(REP_LENGTH, at)
  }

  #length(base: number, at: number): number {
    const range = this.#range
    const probabilities = this.#probabilities
    if (range.bit(probabilities, base) === 0) {
      return SHORTEST_MATCH + range.tree(probabilities, base + LOW + (at << 3), 3)
    }
    if (range.bit(probabilities, base + SECOND_CHOICE) === 0) {
      return SHORTEST_MATCH + 8 + range.tree(probabilities, base + MIDDLE + (at << 3), 3)
    }
    return SHORTEST_MATCH + 16 + range.tree(probabilities, base + HIGH, 8)
  }

  /** How far back the match begins, less one. */
  #distance(length: number): number {
    const range = this.#range
    const probabilities = this.#probabilities
    const kind = Math.min(length - SHORTEST_MATCH, 3)
    const slot = range.tree(probabilities, DISTANCE_SLOT + (kind << 6), 6)
    if (slot < 4) return slot
    const bits = (slot >> 1) - 1
    const high = (2 | (slot & 1)) << bits
    if (slot < 14) return high + range.reverseTree(probabilities, DISTANCE_SPECIAL + high - slot, bits)
    const middle = range.direct(bits - 4) << 4
    return (high + middle + range.reverseTree(probabilities, DISTANCE_ALIGN, 4)) >>> 0
  }

  #repeat(count: number): boolean {
    const distance = this.#distances[0]!
    if (distance >= Math.min(this.#processed, this.#dictionary)) return false
    const { ring } = this
    let to = this.position
    let from = to - distance - 1
    if (from < 0) from += ring.length
    for (let left = count; left > 0; left--) {
      ring[to] = ring[from]!
      if (++to === ring.length) to = 0
      if (++from === ring.length) from = 0
    }
    this.position = to
    this.#processed += count
    return true
  }

  #back(distance: number): number {
    const at = this.position - distance - 1
    return this.ring[at < 0 ? at + this.ring.length : at]!
  }
}
