import type { ByteString } from '../bytes.js'
import { hasChecksum } from './checksum.js'
import { decodeHeader, hasMagic, type RawHeader } from './header.js'
import { BLOCK, tarPadding } from './layout.js'
import { checkLimit, DEFAULT_TAR_LIMITS, type TarLimits } from './limits.js'
import type { LocatedEntry } from './locate.js'
import { checkGlobalHeader, readPaxFields } from './pax-fields.js'
import { type Extensions, resolveEntry } from './resolve-entry.js'
import { placeSparse, type SparsePart, sparseError } from './sparse.js'
import { readGnuMap, readRealSize } from './sparse-gnu.js'
import { SparseMapReader } from './sparse-map.js'
import { readPaxSparse } from './sparse-pax.js'
import { type TarPlace, tarError, truncated } from './tar-error.js'

/** How strictly an archive is read. */
export interface TarOptions {
  readonly limits?: Partial<TarLimits>
  /**
   * Bytes other than zero behind the end of the archive: layers may have them (they are hashed, and nobody reads
   * them), an archive that a person hands in should not. Default `accept`; `reject` is E_TAR_TRAILING.
   */
  readonly trailing?: 'accept' | 'reject'
  /** Input of no bytes at all. Default `accept` (no entries); `reject` is E_TAR_EMPTY. */
  readonly empty?: 'accept' | 'reject'
  readonly signal?: AbortSignal
}

/**
 * What the parser asks of whoever holds the archive. Answers: to `read` the bytes, fewer only at the end of input
 * (the parser is done with them when it asks the next thing);
 * to `skip` how many there were to skip; to `entry` how many bytes of its stored content are behind already; to
 * `trailing`, which asks to go to the end of input, the offset (from here) of the first byte that is not zero, or -1.
 */
export type TarStep =
  | { readonly kind: 'read' | 'skip'; readonly length: number }
  | { readonly kind: 'entry'; readonly found: LocatedEntry }
  | { readonly kind: 'trailing' }

export type TarAnswer = Buffer | number

type Steps<Result> = Generator<TarStep, Result, TarAnswer>

/** Reads an archive without doing any input itself; the one place that knows the order of headers. */
export function* parseTar(options: TarOptions = {}): Steps<void> {
  yield* new Parser(options).run()
}

class Parser {
  readonly #limits: TarLimits
  readonly #options: TarOptions
  #offset = 0
  #index = 0
  #extensions: Extensions = {}

  constructor(options: TarOptions) {
    this.#options = options
    this.#limits = { ...DEFAULT_TAR_LIMITS, ...options.limits }
  }

  *run(): Steps<void> {
    for (;;) {
      const at = this.#here()
      const block = yield* this.#take(BLOCK)
      if (block.length < BLOCK || isZero(block)) {
        this.#checkNothingPending(at)
        if (block.length === BLOCK) yield* this.#end()
        else this.#checkEnd(block, at)
        return
      }
      const header = this.#decode(block, at)
      switch (header.type) {
        case 'x':
          this.#checkNothingPending(at)
          this.#extensions.pax = readPaxFields(yield* this.#body(header, at), at)
          break
        case 'g':
          this.#checkNothingPending(at)
          checkGlobalHeader(yield* this.#body(header, at), at)
          break
        case 'L':
          if (this.#extensions.longName !== undefined) this.#checkNothingPending(at)
          this.#extensions.longName = yield* this.#longName(header, at)
          break
        case 'K':
          if (this.#extensions.longLink !== undefined) this.#checkNothingPending(at)
          this.#extensions.longLink = yield* this.#longName(header, at)
          break
        default:
          yield* this.#entry(header, block, at)
      }
    }
  }

  #here(): TarPlace {
    return { index: this.#index, offset: this.#offset }
  }

  *#take(length: number): Steps<Buffer> {
    const answer = yield { kind: 'read', length }
    if (typeof answer === 'number') throw new TypeError('the parser asked for bytes')
    this.#offset += answer.length
    return answer
  }

  *#skip(length: number): Steps<void> {
    if (length === 0) return
    const at = this.#here()
    const skipped = yield { kind: 'skip', length }
    if (skipped !== length) throw truncated(at, length, Number(skipped))
    this.#offset += length
  }

  #decode(block: Buffer, at: TarPlace): RawHeader {
    if (hasChecksum(block)) return decodeHeader(block, at)
    if (at.offset === 0 && !hasMagic(block)) throw notTar(at)
    throw tarError('E_TAR_CHECKSUM', 'the checksum of the header is wrong', {
      ...at,
      hint: 'the archive is damaged: fetch or make it again',
    })
  }

  /** Readers combine several extension headers in their own ways, or forget all but one. */
  #checkNothingPending(at: TarPlace): void {
    const { pax, longName, longLink } = this.#extensions
    if (pax === undefined && longName === undefined && longLink === undefined) return
    throw tarError('E_TAR_AMBIGUOUS', 'an extension header that no entry follows at once', at)
  }

  *#body({ size }: RawHeader, at: TarPlace): Steps<Buffer> {
    checkLimit(this.#limits, { paxBytes: size }, at)
    return yield* this.#whole(size)
  }

  *#longName({ size }: RawHeader, at: TarPlace): Steps<ByteString> {
    // GNU tar takes the PAX name, Go the long name.
    if (this.#extensions.pax !== undefined) this.#checkNothingPending(at)
    checkLimit(this.#limits, { nameBytes: Math.max(size - 1, 0) }, at)
    const body = yield* this.#whole(size)
    const end = body.indexOf(0)
    if (end >= 0 && body.subarray(end).some((byte) => byte !== 0)) {
      throw tarError('E_TAR_AMBIGUOUS', 'a NUL inside a long name', at)
    }
    return body.toString('latin1', 0, end < 0 ? body.length : end)
  }

  /** Exactly `size` bytes, and past their padding. */
  *#whole(size: number): Steps<Buffer> {
    const at = this.#here()
    const padded = size + tarPadding(size)
    const bytes = yield* this.#take(padded)
    if (bytes.length < padded) throw truncated(at, padded, bytes.length)
    return bytes.subarray(0, size)
  }

  *#entry(header: RawHeader, block: Buffer, at: TarPlace): Steps<void> {
    const extensions = this.#extensions
    this.#extensions = {}
    const plain = resolveEntry(header, extensions, at)
    const found = isSparse(header, extensions)
      ? yield* this.#sparse({ header, block, extensions, plain, at })
      : { entry: plain, index: this.#index, offset: this.#offset, stored: plain.size }
    const { entry, stored } = found
    const nameBytes = Math.max(entry.name.length, entry.linkname.length)
    checkLimit(this.#limits, { entries: this.#index + 1, nameBytes }, at)
    if (!Number.isSafeInteger(this.#offset + stored + BLOCK))
      throw tarError('E_TAR_RANGE', 'size is out of range', at)
    const consumed = Number(yield { kind: 'entry', found })
    this.#offset += consumed
    yield* this.#skip(stored + tarPadding(stored) - consumed)
    this.#index++
  }

  *#sparse({ header, block, extensions, plain, at }: SparseInput): Steps<LocatedEntry> {
    const records = extensions.pax?.sparse
    if (header.type === 'S') {
      // A size or name of PAX can mean the stored or the expanded file here, depending on the reader.
      if (header.format !== 'gnu' || extensions.pax !== undefined)
        throw sparseError('type S outside the GNU format', at)
      const size = readRealSize(block, at)
      checkLimit(this.#limits, { sparseBytes: size }, at)
      const parts: SparsePart[] = []
      for (let more = readGnuMap(block, parts, { extension: false, at }); more; ) {
        const next = yield* this.#whole(BLOCK)
        more = readGnuMap(next, parts, { extension: true, at })
        checkLimit(this.#limits, { sparseRuns: parts.length }, at)
      }
      return this.#place({ plain, size, stored: plain.size, parts, at })
    }
    if (plain.type !== 'file' || records === undefined) throw sparseError(`on a ${plain.type}`, at)
    const { name, size, parts } = readPaxSparse(records, { limits: this.#limits, at })
    checkLimit(this.#limits, { sparseRuns: parts?.length ?? 0 }, at)
    const named = name === undefined ? plain : { ...plain, name }
    if (named.name.endsWith('/')) throw sparseError('on a name that ends in a slash', at)
    if (parts !== undefined) return this.#place({ plain: named, size, stored: plain.size, parts, at })
    const map = new SparseMapReader(this.#limits, at)
    let stored = plain.size
    for (let whole = false; !whole; stored -= BLOCK) {
      if (stored < BLOCK) throw sparseError('longer than the content', at)
      whole = map.push(yield* this.#whole(BLOCK))
    }
    return this.#place({ plain: named, size, stored, parts: map.parts, at })
  }

  #place({ plain, size, stored, parts, at }: PlaceInput): LocatedEntry {
    const offset = this.#offset
    const sparse = placeSparse(parts, { size, stored, offset, at })
    return { entry: { ...plain, size }, index: this.#index, offset, stored, sparse }
  }

  /** After the first zero block: a second one or the end of input, and what follows them. */
  *#end(): Steps<void> {
    const at = this.#here()
    const block = yield* this.#take(BLOCK)
    // GNU tar goes on behind a lone zero block, Go fails.
    if (!isZero(block))
      throw tarError('E_TAR_AMBIGUOUS', 'a single zero block in the middle of the archive', at)
    const end = this.#here()
    const junk = Number(yield { kind: 'trailing' })
    if (junk >= 0 && this.#options.trailing === 'reject') {
      throw tarError('E_TAR_TRAILING', 'data behind the end of the archive', {
        ...end,
        offset: end.offset + junk,
      })
    }
  }

  /** The end of input where a header would begin, without a zero block. */
  #checkEnd(block: Buffer, at: TarPlace): void {
    if (block.length > 0) {
      if (at.offset === 0 && !hasMagic(block)) throw notTar(at)
      throw truncated(at, BLOCK, block.length)
    }
    if (at.offset === 0 && this.#options.empty === 'reject') {
      throw tarError('E_TAR_EMPTY', 'the archive is empty', {
        ...at,
        hint: 'a tar archive has 1024 bytes at least',
      })
    }
  }
}

interface SparseInput {
  readonly header: RawHeader
  readonly block: Buffer
  readonly extensions: Extensions
  readonly plain: LocatedEntry['entry']
  readonly at: TarPlace
}

interface PlaceInput {
  readonly plain: LocatedEntry['entry']
  readonly size: number
  readonly stored: number
  readonly parts: readonly SparsePart[]
  readonly at: TarPlace
}

function isSparse(header: RawHeader, { pax }: Extensions): boolean {
  return header.type === 'S' || pax?.sparse !== undefined
}

function isZero(block: Buffer): boolean {
  for (let index = 0; index < block.length; index++) if (block[index] !== 0) return false
  return true
}

function notTar(at: TarPlace): Error {
  return tarError('E_TAR_HEADER', 'this is not a tar archive', {
    ...at,
    hint: 'an archive compressed twice must be unpacked once before',
  })
}
