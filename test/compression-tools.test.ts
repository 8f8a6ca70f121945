import { execFileSync } from 'node:child_process'
import { createHash, randomFillSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { decompressed, isCooperageError } from '@cooperage/store'
import { describe, expect, it } from 'vitest'
import { isLong } from './long.js'
import { hasTool } from './rival-tools.js'

/** What the tools of the system compress, and what is made of it when bits or bytes of it are changed. */
const root = fileURLToPath(new URL('..', import.meta.url))

function run(command: string, args: readonly string[], input: Uint8Array): Buffer {
  return execFileSync(command, args, { input, maxBuffer: 1 << 30, stdio: ['pipe', 'pipe', 'ignore'] })
}

async function* chunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield Uint8Array.from(bytes.subarray(at, at + size))
}

const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

async function read(bytes: Uint8Array, size = 65_536): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of decompressed(chunks(bytes, size))) hash.update(chunk)
  return hash.digest('hex')
}

async function codeOf(bytes: Uint8Array, size?: number): Promise<string> {
  try {
    return await read(bytes, size)
  } catch (error) {
    if (isCooperageError(error)) return error.code
    throw error
  }
}

let seed = 7
function below(limit: number): number {
  seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff
  return Math.floor((seed / 0x8000_0000) * limit)
}

function words(length: number): Buffer {
  const list = ['layer', 'stave', 'hoop', 'cask', ' ', '\n', 'oak', 'a', '\u00e9']
  let text = ''
  while (text.length < length) text += list[below(list.length)]
  return Buffer.from(text).subarray(0, length)
}

const program = readFileSync(process.execPath).subarray(0, 1_000_000)
/** Holes between data, and runs of every length around those that bzip2 codes. */
const sparse = Buffer.concat([
  words(1000),
  Buffer.alloc(1_200_000),
  ...Array.from({ length: 600 }, (_, i) => Buffer.alloc(i, i % 2)),
  words(5000),
])
const contents: Readonly<Record<string, Buffer>> = {
  nothing: Buffer.alloc(0),
  'one byte': Buffer.from('x'),
  'four equal bytes': Buffer.from('xxxx'),
  words: words(400_000),
  random: randomFillSync(Buffer.alloc(300_001)),
  sparse,
  'a program': program,
}

const XZ = [
  ['-0'],
  ['-6'],
  ['-9e'],
  ['--check=none'],
  ['--check=crc32'],
  ['--check=sha256'],
  ['--block-size=100000'],
  ['-T2', '--block-size=500000'],
  ['--lzma2=dict=4KiB,lc=0,lp=4,pb=4,mode=fast'],
  ['--lzma2=dict=1MiB,lc=4,lp=0,pb=0,nice=273'],
  ['--lzma2=dict=12345678'],
]
const BZIP2 = [['-1'], ['-5'], ['-9']]
const ZSTD = [['-1'], ['-19'], ['--no-check'], ['--long=27'], ['--ultra', '-22', '-M2048MB']]
const tools: readonly (readonly [string, string, readonly (readonly string[])[]])[] = [
  ['xz', 'XZ', XZ],
  ['bzip2', 'BZIP2', BZIP2],
  ['zstd', 'ZSTD', ZSTD],
]

for (const [tool, family, settings] of tools) {
  describe.skipIf(!hasTool(tool))(`what ${tool} compressed`, () => {
    it.each(settings)('with %s is read', { timeout: 120_000 }, async (...args) => {
      for (const [name, content] of Object.entries(contents)) {
        // zstd fills gigabytes before it looks at the first byte.
        if (args.includes('--ultra') && name !== 'a program') continue
        const packed = run(tool, [...args, '-c'], content)
        expect(await read(packed), name).toBe(hashOf(content))
      }
    })

    const content = contents.words!.subarray(0, 40_000)
    const packed = () => run(tool, ['-c'], content)

    it('is read in chunks of any size, several streams after one another, and with padding', async () => {
      const one = packed()
      const other = run(tool, ['-c'], Buffer.from('other'))
      const empty = run(tool, ['-c'], Buffer.alloc(0))
      const parts = [empty, one, other, empty, one, Buffer.alloc(4096)]
      const whole = Buffer.concat(parts)
      const expected = hashOf(Buffer.concat([content, Buffer.from('other'), content]))
      expect(hashOf(run(tool, ['-dc'], Buffer.concat(parts.slice(0, -1))))).toBe(expected)
      for (const size of [1, 7, 1000, one.length, whole.length])
        expect(await read(whole, size)).toBe(expected)
    })

    it('is refused with something behind it', async () => {
      const one = packed()
      for (const tail of ['j', 'junk and more', '\0\0\0\0junk', one.subarray(0, 3)]) {
        const whole = Buffer.concat([one, Buffer.from(tail)])
        expect(await codeOf(whole)).toMatch(new RegExp(`^E_${family}_(?:TRAILING|TRUNCATED)$`))
      }
    })

    it('is refused wherever it is cut', { timeout: 120_000 }, async () => {
      const one = packed()
      const places = Array.from({ length: 80 }, () => 8 + below(one.length - 8))
      for (const length of [8, 20, ...places, ...Array.from({ length: 40 }, (_, i) => one.length - 1 - i)]) {
        expect(await codeOf(one.subarray(0, length)), `${length} of ${one.length}`).toBe(
          `E_${family}_TRUNCATED`,
        )
      }
    })

    it('is refused, or the same, when one bit is another', { timeout: 240_000 }, async () => {
      const one = packed()
      const expected = hashOf(content)
      let same = 0
      const ends = Array.from({ length: isLong ? 400 : 160 }, (_, i) => i)
      const bits = [
        ...ends.map((bit) => bit + 48),
        ...ends.map((bit) => one.length * 8 - 1 - bit),
        ...Array.from({ length: isLong ? 400 : 100 }, () => 48 + below(one.length * 8 - 48)),
      ]
      for (const bit of bits) {
        const flipped = Buffer.from(one)
        flipped[bit >> 3]! ^= 1 << (bit & 7)
        const found = await codeOf(flipped)
        if (found === expected) same++
        else
          expect(found, `bit ${bit}`).toMatch(/^E_(?:XZ|BZIP2|ZSTD)_|^E_LIMIT$|^E_COMPRESSION_UNSUPPORTED$/)
      }
      // Padding of bzip2, a reserved bit of zstd; xz has no bit that nothing checks.
      expect(same).toBeLessThan({ xz: 1, bzip2: 9, zstd: 30 }[tool]!)
    })

    it('in damaged bytes ends in time, and in an error or the same', { timeout: 240_000 }, async () => {
      const one = packed()
      const expected = hashOf(content)
      for (let round = 0; round < (isLong ? 300 : 100); round++) {
        const hurt = Buffer.from(one)
        for (let hits = 1 + below(20); hits > 0; hits--) hurt[6 + below(one.length - 6)] = below(256)
        const found = await codeOf(hurt)
        expect(found === expected || /^E_/.test(found), found).toBe(true)
      }
    })
  })
}

describe.skipIf(!hasTool('xz'))('xz', () => {
  const small = Buffer.from('small')
  it.each([
    [['--lzma2=dict=256MiB'], 'E_LIMIT'],
    [['--lzma2=dict=1536MiB'], 'E_LIMIT'],
    [['--x86', '--lzma2'], 'E_COMPRESSION_UNSUPPORTED'],
    [['--delta', '--lzma2'], 'E_COMPRESSION_UNSUPPORTED'],
  ])('with %s is refused with %s', async (args, code) => {
    // What is known to be small gets a small dictionary: through a pipe it is not known.
    expect(await codeOf(run('xz', [...args, '-c'], small))).toBe(code)
  })

  it('padding comes in fours', async () => {
    const one = run('xz', ['-c'], small)
    for (const [length, code] of [
      [4, hashOf(small)],
      [5, 'E_XZ_TRUNCATED'],
      [7, 'E_XZ_TRUNCATED'],
      [8, hashOf(small)],
    ] as const) {
      expect(await codeOf(Buffer.concat([one, Buffer.alloc(length)])), String(length)).toBe(code)
    }
    expect(await codeOf(Buffer.concat([one, Buffer.alloc(4), one]))).toBe(
      hashOf(Buffer.concat([small, small])),
    )
  })
})

describe.skipIf(!hasTool('zstd'))('zstd', () => {
  it('with a window over 128 MiB is refused', async () => {
    // Through a pipe the frame names the window, not the size of the content.
    expect(await codeOf(run('zstd', ['--long=28', '-c'], Buffer.from('small')))).toBe('E_LIMIT')
  })
})

const BOMB = 200_000_000

describe.skipIf(!hasTool('xz') || !hasTool('bzip2') || !hasTool('zstd'))('a bomb', () => {
  it.each(['xz', 'bzip2', 'zstd'])('of %s stays in little memory', { timeout: 120_000 }, (tool) => {
    const script = `
      import { readFileSync } from 'node:fs'
      import { decompressed } from ${JSON.stringify(pathToFileURL(`${root}packages/store/dist/index.js`).href)}
      let size = 0
      for await (const chunk of decompressed(process.stdin)) size += chunk.length
      console.log(size, /VmHWM:\\s*(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1])`
    const packed = execFileSync('sh', ['-c', `head -c ${BOMB} /dev/zero | ${tool} -6 -c`], {
      maxBuffer: 1 << 26,
    })
    const said = run(process.execPath, ['--input-type=module', '-e', script], packed).toString()
    const [size, peak] = said.split(' ').map(Number)
    expect(size).toBe(BOMB)
    console.log(`${tool}: ${Math.round(peak! / 1024)} MiB for ${BOMB} zeros`)
    // Node itself has some 50.
    expect(peak! / 1024).toBeLessThan(130)
  })
})
