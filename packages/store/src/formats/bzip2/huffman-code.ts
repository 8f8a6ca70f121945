import type { BitInput } from './bit-input.js'

const LONGEST = 20

/** A canonical code by the lengths of its symbols. */
export class HuffmanCode {
  readonly #limits = new Int32Array(LONGEST + 2)
  readonly #offsets = new Int32Array(LONGEST + 2)
  readonly #symbols: Uint16Array
  readonly #shortest: number
  readonly #longest: number

  constructor(lengths: Uint8Array) {
    const counts = new Uint16Array(LONGEST + 1)
    for (const length of lengths) counts[length]!++
    this.#shortest = Math.min(...lengths)
    this.#longest = Math.max(...lengths)
    this.#symbols = new Uint16Array(lengths.length)
    let code = 0
    let before = 0
    for (let length = 1; length <= LONGEST; length++) {
      this.#offsets[length] = before - code
      code += counts[length]!
      this.#limits[length] = code
      before += counts[length]!
      code *= 2
    }
    const next = new Uint16Array(LONGEST + 1)
    for (let length = 2; length <= LONGEST; length++) next[length] = next[length - 1]! + counts[length - 1]!
    for (const [symbol, length] of lengths.entries()) this.#symbols[next[length]!++] = symbol
  }

  /** -1 for bits that are no code. */
  read(input: BitInput): number {
    let length = this.#shortest
    let code = input.read(length)
    while (code >= this.#limits[length]!) {
      if (++length > this.#longest) return -1
      code = (code << 1) | input.read(1)
    }
    return this.#symbols[code + this.#offsets[length]!] ?? -1
  }
}
