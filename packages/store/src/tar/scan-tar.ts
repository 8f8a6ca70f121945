import type { BlobRange } from '../blobs/blob-store.js'
import type { LocatedEntry } from './locate.js'
import { parseTar, type TarAnswer, type TarOptions, type TarStep } from './parse-tar.js'

/** What is read at once: little after a jump over a big file, then more and more, since small files lie side by side. */
const SMALLEST_WINDOW = 4 << 10
const LARGEST_WINDOW = 256 << 10

/**
 * The entries of an (uncompressed) archive at rest, big contents jumped over. Sees and refuses what `readTar` does;
 * bytes behind the end of the archive are looked at only when they are to be rejected. Does not close `range`.
 * @throws as `readTar`.
 */
export async function* scanTar(
  range: BlobRange,
  options: TarOptions = {},
): AsyncGenerator<LocatedEntry, void, undefined> {
  const input = new Windows(range, options)
  const steps = parseTar(options)
  for (let step = steps.next(); !step.done; ) {
    let answer: TarAnswer
    if (step.value.kind === 'entry') {
      yield step.value.found
      answer = 0
    } else {
      answer = await input.answer(step.value)
    }
    step = steps.next(answer)
  }
}

class Windows {
  readonly #range: BlobRange
  readonly #options: TarOptions
  #position = 0
  #window: Buffer = Buffer.alloc(0)
  #windowAt = 0
  #windowSize = LARGEST_WINDOW

  constructor(range: BlobRange, options: TarOptions) {
    this.#range = range
    this.#options = options
  }

  async answer(step: Exclude<TarStep, { readonly kind: 'entry' }>): Promise<TarAnswer> {
    if (step.kind === 'read') return this.#read(step.length)
    if (step.kind === 'trailing') return this.#options.trailing === 'reject' ? this.#firstNonZero() : -1
    const skipped = Math.min(step.length, this.#range.size - this.#position)
    this.#position += skipped
    return skipped
  }

  async #read(length: number): Promise<Buffer> {
    const wanted = Math.min(length, this.#range.size - this.#position)
    const end = this.#windowAt + this.#window.length
    if (this.#position + wanted > end) {
      const jumped = this.#position > end
      this.#windowSize = jumped ? SMALLEST_WINDOW : Math.min(this.#windowSize * 2, LARGEST_WINDOW)
      this.#options.signal?.throwIfAborted()
      const size = Math.min(Math.max(wanted, this.#windowSize), this.#range.size - this.#position)
      const bytes = await this.#range.read(this.#position, size)
      this.#window = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      this.#windowAt = this.#position
    }
    const from = this.#position - this.#windowAt
    this.#position += wanted
    return this.#window.subarray(from, from + wanted)
  }

  async #firstNonZero(): Promise<number> {
    const start = this.#position
    while (this.#position < this.#range.size) {
      const at = this.#position - start
      const part = await this.#read(Math.min(LARGEST_WINDOW, this.#range.size - this.#position))
      const index = part.findIndex((byte) => byte !== 0)
      if (index >= 0) return at + index
    }
    return -1
  }
}
