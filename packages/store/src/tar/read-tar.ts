import { CooperageError } from '../errors.js'
import { ByteQueue } from './byte-queue.js'
import { expandSparse } from './expand-sparse.js'
import type { LocatedEntry } from './locate.js'
import { parseTar, type TarAnswer, type TarOptions, type TarStep } from './parse-tar.js'
import { truncated } from './tar-error.js'

/** An entry on its way past. */
export interface TarItem extends LocatedEntry {
  /**
   * The content, `entry.size` bytes, sparse files expanded. May be asked for once, and only until the next item is;
   * what is not read is passed over. A chunk is a view into the source's own, good until the next is asked for.
   * @throws E_TAR_TRUNCATED; E_TAR_CONTENT when asked for too late or twice.
   */
  content(): AsyncIterable<Uint8Array>
  /**
   * The content in one piece, when all of it is here already and nothing in it has to be expanded; else undefined, and
   * `content` has it. A view as a chunk of `content`, and as that to be asked for once.
   * @throws E_TAR_CONTENT
   */
  contentNow(): Uint8Array | undefined
}

/**
 * Reads an (uncompressed) archive as it streams by, holding one chunk of it and one header. The source is read to its
 * very end, so that whoever hashes it on the way sees every byte; when the caller stops early the source is let go.
 * @throws E_TAR_HEADER (not a tar archive), E_TAR_CHECKSUM, E_TAR_TRUNCATED, E_TAR_RANGE (a number), E_TAR_PAX,
 * E_TAR_SPARSE, E_TAR_TYPE, E_TAR_AMBIGUOUS (readers disagree on the meaning), E_TAR_TRAILING, E_TAR_EMPTY, E_LIMIT;
 * `data` has `entry` (the index) and `offset`. Names are not judged: `..` and the like are for whoever applies them.
 */
export async function* readTar(
  source: AsyncIterable<Uint8Array>,
  options: TarOptions = {},
): AsyncGenerator<TarItem, void, undefined> {
  const bytes = new ByteQueue(source, options.signal)
  const steps = parseTar(options)
  try {
    for (let step = steps.next(); !step.done; ) {
      let answer: TarAnswer
      if (step.value.kind === 'entry') {
        const item = new StreamedItem(step.value.found, bytes)
        yield item
        answer = item.close()
      } else {
        // Most headers and small files are in the chunk at hand; waiting for what is there would cost more than they.
        answer = answerNow(step.value, bytes) ?? (await answerLater(step.value, bytes))
      }
      step = steps.next(answer)
    }
  } finally {
    await bytes.close()
  }
}

type InputStep = Exclude<TarStep, { readonly kind: 'entry' }>

function answerNow(step: InputStep, bytes: ByteQueue): TarAnswer | undefined {
  if (step.kind === 'trailing') return undefined
  const taken = bytes.takeNow(step.length)
  return step.kind === 'read' ? taken : taken?.length
}

async function answerLater(step: InputStep, bytes: ByteQueue): Promise<TarAnswer> {
  if (step.kind === 'read') return bytes.take(step.length)
  if (step.kind === 'skip') return bytes.skip(step.length)
  let junk = -1
  let passed = 0
  for (let part = await bytes.some(Infinity); part !== undefined; part = await bytes.some(Infinity)) {
    if (junk < 0) {
      const index = part.findIndex((byte) => byte !== 0)
      if (index >= 0) junk = passed + index
    }
    passed += part.length
  }
  return junk
}

class StreamedItem implements TarItem {
  readonly entry: TarItem['entry']
  readonly index: number
  readonly offset: number
  readonly stored: number
  declare readonly sparse?: NonNullable<TarItem['sparse']>
  readonly #bytes: ByteQueue
  #consumed = 0
  #state: 'fresh' | 'asked' | 'past' = 'fresh'

  constructor(found: LocatedEntry, bytes: ByteQueue) {
    this.entry = found.entry
    this.index = found.index
    this.offset = found.offset
    this.stored = found.stored
    if (found.sparse !== undefined) this.sparse = found.sparse
    this.#bytes = bytes
  }

  content(): AsyncIterable<Uint8Array> {
    if (this.#state !== 'fresh') throw this.#tooLate()
    this.#state = 'asked'
    if (this.sparse === undefined) return this.#plain()
    return expandSparse(this.sparse, this.entry.size, (limit) => this.#some(limit))
  }

  contentNow(): Uint8Array | undefined {
    if (this.#state !== 'fresh') throw this.#tooLate()
    if (this.sparse !== undefined) return undefined
    const bytes = this.#bytes.takeNow(this.stored)
    if (bytes === undefined) return undefined
    this.#state = 'asked'
    this.#consumed = this.stored
    return bytes
  }

  async *#plain(): AsyncGenerator<Uint8Array> {
    while (this.#consumed < this.stored) yield await this.#some(this.stored - this.#consumed)
  }

  async #some(limit: number): Promise<Uint8Array> {
    if (this.#state === 'past') throw this.#tooLate()
    const part = await this.#bytes.some(limit)
    if (part === undefined) throw truncated(this, this.stored, this.#consumed)
    this.#consumed += part.length
    return part
  }

  /** Nothing can be read of it any more. How many stored bytes were. */
  close(): number {
    this.#state = 'past'
    return this.#consumed
  }

  #tooLate(): CooperageError {
    const why = this.#state === 'past' ? 'the archive has moved on' : 'it was asked for before'
    return new CooperageError(
      'E_TAR_CONTENT',
      `the content of tar entry ${this.index} cannot be read: ${why}`,
      {
        category: 'internal',
        data: { entry: this.index, offset: this.offset },
      },
    )
  }
}
