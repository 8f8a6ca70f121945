/** Where probabilities begin, half of the 11 bits that they have. */
const EVEN = 1 << 10
/** Turns a comparison of signed numbers into one of unsigned ones. */
const SIGN = 0x8000_0000 | 0

export function evenProbabilities(count: number): Uint16Array {
  return new Uint16Array(count).fill(EVEN)
}

/**
 * The range coder of LZMA, over one chunk that is in memory whole. Reading beyond the chunk gives zero bits; whoever
 * uses it asks `isFinished` at the end, which is false then.
 */
export class RangeDecoder {
  #input: Uint8Array = new Uint8Array(0)
  #at = 0
  #range = 0
  #code = 0

  /** Begins a chunk. False when its first byte is not the 0 that every encoder writes. */
  begin(input: Uint8Array): boolean {
    this.#input = input
    this.#range = -1
    this.#code = 0
    for (this.#at = 1; this.#at < 5; this.#at++) this.#code = (this.#code << 8) | input[this.#at]!
    return input[0] === 0 && input.length >= 5
  }

  /** True when the chunk was used up exactly. */
  isFinished(): boolean {
    this.#normalize()
    return this.#code === 0 && this.#at === this.#input.length
  }

  bit(probabilities: Uint16Array, index: number): number {
    this.#normalize()
    const probability = probabilities[index]!
    const bound = Math.imul(this.#range >>> 11, probability)
    if ((this.#code ^ SIGN) < (bound ^ SIGN)) {
      this.#range = bound
      probabilities[index] = probability + ((2048 - probability) >>> 5)
      return 0
    }
    this.#range = (this.#range - bound) | 0
    this.#code = (this.#code - bound) | 0
    probabilities[index] = probability - (probability >>> 5)
    return 1
  }

  /** A number of `bits` bits, the highest first; `base` is where its probabilities are. */
  tree(probabilities: Uint16Array, base: number, bits: number): number {
    let node = 1
    for (let i = 0; i < bits; i++) node = (node << 1) | this.bit(probabilities, base + node)
    return node - (1 << bits)
  }

  /** As `tree`, the lowest bit first. */
  reverseTree(probabilities: Uint16Array, base: number, bits: number): number {
    let node = 1
    let value = 0
    for (let i = 0; i < bits; i++) {
      const bit = this.bit(probabilities, base + node)
      node = (node << 1) | bit
      value |= bit << i
    }
    return value
  }

  /** Bits of even probability, the highest first. */
  direct(bits: number): number {
    let value = 0
    for (let i = 0; i < bits; i++) {
      this.#normalize()
      this.#range >>>= 1
      this.#code = (this.#code - this.#range) | 0
      const borrowed = this.#code >> 31
      this.#code = (this.#code + (this.#range & borrowed)) | 0
      value = (value << 1) | (borrowed + 1)
    }
    return value
  }

  #normalize(): void {
    if (this.#range >>> 24 !== 0) return
    this.#range <<= 8
    this.#code = (this.#code << 8) | this.#input[this.#at++]!
  }
}
