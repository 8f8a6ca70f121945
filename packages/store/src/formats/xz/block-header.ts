import { CooperageError } from '../../errors.js'
import { dictionarySize } from './lzma2.js'
import type { XzInput } from './xz-input.js'

/** What stands before the data of a block. */
export interface BlockHeader {
  /** Bytes of the header itself, its checksum included. */
  readonly length: number
  readonly dictionary: number
  /** Of the data, where the encoder knew them. */
  readonly packed: number | undefined
  readonly unpacked: number | undefined
}

const LZMA2 = 0x21
const FILTERS: Readonly<Record<number, string>> = {
  3: 'delta',
  4: 'x86',
  5: 'powerpc',
  6: 'ia64',
  7: 'arm',
  8: 'armthumb',
  9: 'sparc',
  10: 'arm64',
  11: 'riscv',
}

/**
 * Reads the header of a block after its first byte. @throws E_COMPRESSION_UNSUPPORTED for filters beside LZMA2; the
 * faults DATA, CHECKSUM and TRUNCATED of the input
 */
export async function readBlockHeader(input: XzInput, size: number, what: string): Promise<BlockHeader> {
  const length = (size + 1) * 4
  const flags = await input.byte()
  if ((flags & 0x3c) !== 0) throw input.damaged('flags of a block')
  const packed = (flags & 0x40) === 0 ? undefined : await input.number()
  const unpacked = (flags & 0x80) === 0 ? undefined : await input.number()
  if (packed === 0) throw input.damaged('the size of a block')
  const filters: { readonly id: number; readonly properties: number[] }[] = []
  for (let left = (flags & 3) + 1; left > 0; left--) {
    const id = await input.number()
    const properties: number[] = []
    for (let more = await input.number(); more > 0; more--) {
      if (input.taken > length) throw input.damaged('the header of a block')
      properties.push(await input.byte())
    }
    filters.push({ id, properties })
  }
  while (input.taken < length - 4) if ((await input.byte()) !== 0) throw input.damaged('padding')
  if (input.taken !== length - 4) throw input.damaged('the header of a block')
  const { checksum } = input
  if ((await input.take(4)).readUInt32LE() !== checksum) {
    throw input.fault('CHECKSUM', 'fails its own checksum (the header of a block)')
  }
  const other = filters.find(({ id }) => id !== LZMA2)
  if (other !== undefined) throw unsupported(what, FILTERS[other.id] ?? `0x${other.id.toString(16)}`)
  const [byte, ...rest] = filters[0]!.properties
  const dictionary = byte === undefined || rest.length > 0 ? undefined : dictionarySize(byte)
  if (dictionary === undefined || filters.length > 1) throw input.damaged('the size of the dictionary')
  return { length, dictionary, packed, unpacked }
}

function unsupported(what: string, filter: string): CooperageError {
  return new CooperageError(
    'E_COMPRESSION_UNSUPPORTED',
    `${what} is compressed by xz with the filter ${filter}, which is not supported`,
    {
      hint: 'compress it again without the filter: xz -dc FILE | xz -c',
      data: { compression: 'xz', filter },
    },
  )
}
