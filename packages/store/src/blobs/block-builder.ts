/** Blocks of this size are made of small chunks: large enough that handing one over costs nothing beside its hash. */
const BLOCK = 1 << 20
/**
 * A chunk of this size that has its buffer to itself is passed on as it is. To hand over each piece that a socket gives
 * takes longer than to copy it into a block.
 */
const WHOLE = 1 << 20
const SPARES = 12
/** The first block: most blobs are documents of a few kilobytes. */
const FIRST = 64 << 10

export interface Block {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** True when its buffer may be given back as a spare. */
  readonly ours: boolean
}

/**
 * Buffers of full blocks that wait to be used again, by whoever comes next: memory that was used before is there at
 * once, while the kernel clears new memory page by page.
 */
export class SpareBlocks {
  readonly #buffers: ArrayBuffer[] = []

  take(): ArrayBuffer | undefined {
    return this.#buffers.pop()
  }

  /** Whether it is a whole block, and there are not enough yet. */
  wants(buffer: ArrayBuffer): boolean {
    return buffer.byteLength === BLOCK && this.#buffers.length < SPARES
  }

  /** Keeps it if it is wanted. */
  give(buffer: ArrayBuffer): void {
    if (this.wants(buffer)) this.#buffers.push(buffer)
  }
}

/**
 * Cuts a stream of chunks into blocks whose buffers nobody else sees. A chunk that spans its whole ArrayBuffer is
 * taken over; any other (a view of a pool, of shared memory, of something larger) is copied.
 */
export class BlockBuilder {
  readonly #emit: (block: Block) => void
  readonly #spares: SpareBlocks
  #bytes: Uint8Array<ArrayBuffer> | undefined
  #filled = 0
  #size = FIRST

  constructor(emit: (block: Block) => void, spares: SpareBlocks) {
    this.#emit = emit
    this.#spares = spares
  }

  add(chunk: Uint8Array): void {
    if (chunk.byteLength >= WHOLE && spansItsBuffer(chunk)) {
      this.end()
      // A view of its own: detaching must not meet a subclass or a view with other uses.
      this.#emit({ bytes: new Uint8Array(chunk.buffer), ours: this.#spares.wants(chunk.buffer) })
      return
    }
    let taken = 0
    while (taken < chunk.byteLength) {
      this.#bytes ??= this.#room()
      const count = Math.min(this.#bytes.length - this.#filled, chunk.byteLength - taken)
      this.#bytes.set(count === chunk.byteLength ? chunk : chunk.subarray(taken, taken + count), this.#filled)
      this.#filled += count
      taken += count
      if (this.#filled === this.#bytes.length) this.end()
    }
  }

  /** Small content keeps what it was given until its end, and so is not given a whole block. */
  #room(): Uint8Array<ArrayBuffer> {
    const spare = this.#size === BLOCK ? this.#spares.take() : undefined
    return new Uint8Array(spare ?? new ArrayBuffer(this.#size))
  }

  /** Emits what is left over. */
  end(): void {
    if (this.#bytes === undefined) return
    const bytes = this.#bytes.subarray(0, this.#filled)
    this.#bytes = undefined
    this.#filled = 0
    this.#size = Math.min(BLOCK, this.#size * 2)
    this.#emit({ bytes, ours: true })
  }
}

function spansItsBuffer(chunk: Uint8Array): chunk is Uint8Array<ArrayBuffer> {
  return chunk.buffer instanceof ArrayBuffer && chunk.byteLength === chunk.buffer.byteLength
}
