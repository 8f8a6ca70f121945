import type { BitInput } from './bit-input.js'
import { HuffmanCode } from './huffman-code.js'

/** Symbols that one code is used for, before the next is chosen. */
const GROUP = 50
/** Bytes that a group may take: 20 bits a symbol. */
const GROUP_BYTES = 128
const MAX_SELECTORS = 18_002
/** Enough for everything before the symbols: no header is longer. */
const HEADER_BYTES = 64 * 1024

/** A block as it was transformed: `bytes` of it, each in the low eight bits, and where the original begins. */
export interface TransformedBlock {
  readonly bytes: number
  readonly origin: number
}

/** Reads a block after its mark and its checksum into `block`, which is as long as a block may be. */
export async function readBlock(input: BitInput, block: Uint32Array): Promise<TransformedBlock> {
  await input.ensure(HEADER_BYTES)
  const origin = input.read(24)
  const used = usedBytes(input)
  const codes = input.read(3)
  if (codes < 2 || codes > 6) throw input.damaged('the number of codes')
  const selectors = readSelectors(input, codes)
  const tables: HuffmanCode[] = []
  for (let i = 0; i < codes; i++) tables.push(readCode(input, used.length + 2))
  const bytes = await readSymbols(input, { used, selectors, tables, block })
  if (origin >= bytes) throw input.damaged('the origin')
  return { bytes, origin }
}

function usedBytes(input: BitInput): Uint8Array {
  const used: number[] = []
  const ranges = input.read(16)
  for (let range = 0; range < 16; range++) {
    if ((ranges & (0x8000 >> range)) === 0) continue
    const bits = input.read(16)
    for (let low = 0; low < 16; low++) if ((bits & (0x8000 >> low)) !== 0) used.push(range * 16 + low)
  }
  if (used.length === 0) throw input.damaged('no byte is used')
  return Uint8Array.from(used)
}

/** Which code each group of symbols has. More than a block can need are read, and left, as by bzip2 1.0.8. */
function readSelectors(input: BitInput, codes: number): Uint8Array {
  const count = input.read(15)
  if (count === 0) throw input.damaged('no selectors')
  const selectors = new Uint8Array(Math.min(count, MAX_SELECTORS))
  const order = [0, 1, 2, 3, 4, 5]
  for (let i = 0; i < count; i++) {
    let place = 0
    while (input.read(1) === 1) if (++place >= codes) throw input.damaged('a selector')
    const [code = 0] = order.splice(place, 1)
    order.unshift(code)
    if (i < selectors.length) selectors[i] = code
  }
  return selectors
}

function readCode(input: BitInput, symbols: number): HuffmanCode {
  const lengths = new Uint8Array(symbols)
  let length = input.read(5)
  for (let symbol = 0; symbol < symbols; symbol++) {
    // No encoder goes up and down for one symbol; whoever did could make a header of any length.
    for (let steps = 0; ; steps++) {
      if (length < 1 || length > 20 || steps > 40) throw input.damaged('the length of a code')
      if (input.read(1) === 0) break
      length += input.read(1) === 0 ? 1 : -1
    }
    lengths[symbol] = length
  }
  return new HuffmanCode(lengths)
}

interface Symbols {
  readonly used: Uint8Array
  readonly selectors: Uint8Array
  readonly tables: readonly HuffmanCode[]
  readonly block: Uint32Array
}

/** Undoes the coding, the runs of the most recent byte, and the moving to the front. */
async function readSymbols(input: BitInput, { used, selectors, tables, block }: Symbols): Promise<number> {
  const end = used.length + 1
  const recent = used
  let bytes = 0
  let run = 0
  let weight = 1
  for (const selector of selectors) {
    if (!input.has(GROUP_BYTES)) await input.ensure(GROUP_BYTES)
    const code = tables[selector]!
    for (let i = 0; i < GROUP; i++) {
      const symbol = code.read(input)
      if (symbol < 0) throw input.damaged('a symbol')
      if (symbol < 2) {
        // Digits 1 and 2 of a number in base two, the lowest first.
        run += (symbol + 1) * weight
        weight *= 2
        if (run > block.length) throw input.damaged('a run')
        continue
      }
      if (run > 0) {
        if (bytes + run > block.length) throw input.damaged('a run')
        block.fill(recent[0]!, bytes, bytes + run)
        bytes += run
        run = 0
        weight = 1
      }
      if (symbol === end) return bytes
      if (bytes === block.length) throw input.damaged('its length')
      const place = symbol - 1
      const byte = recent[place]!
      for (let k = place; k > 0; k--) recent[k] = recent[k - 1]!
      recent[0] = byte
      block[bytes++] = byte
    }
  }
  throw input.damaged('no end of a block')
}
