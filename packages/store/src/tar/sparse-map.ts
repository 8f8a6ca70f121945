import { checkLimit, type TarLimits } from './limits.js'
import { type SparsePart, sparseError, sparseNumber } from './sparse.js'
import type { TarPlace } from './tar-error.js'

/** The map of version 1.0: decimal lines before the data (how many entries, then offset and length of each). */
export class SparseMapReader {
  readonly parts: SparsePart[] = []
  readonly #limits: TarLimits
  readonly #at: TarPlace
  #line = ''
  #entries: number | undefined
  #position: number | undefined

  constructor(limits: TarLimits, at: TarPlace) {
    this.#limits = limits
    this.#at = at
  }

  /** Takes the next block. True when the map is whole; the rest of that block is padding. */
  push(block: Buffer): boolean {
    const lines = (this.#line + block.toString('latin1')).split('\n')
    this.#line = lines.pop()!
    for (const line of lines) {
      this.#number(sparseNumber(line, this.#at))
      if (this.parts.length === this.#entries) return true
    }
    if (this.#line.length > 20) throw sparseError('not a number', this.#at)
    return false
  }

  #number(value: number): void {
    if (this.#entries === undefined) {
      checkLimit(this.#limits, { sparseRuns: value }, this.#at)
      this.#entries = value
    } else if (this.#position === undefined) {
      this.#position = value
    } else {
      this.parts.push({ at: this.#position, length: value })
      this.#position = undefined
    }
  }
}
