import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { BlobRange } from '../packages/store/src/blobs/blob-store.js'
import { isCooperageError } from '../packages/store/src/errors.js'
import { tarPadding } from '../packages/store/src/tar/layout.js'
import type { LocatedEntry } from '../packages/store/src/tar/locate.js'
import { readTar } from '../packages/store/src/tar/read-tar.js'
import { scanTar } from '../packages/store/src/tar/scan-tar.js'

/** xorshift32: the same archives on every machine. */
function generator(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

const random = generator(20260821)
const pick = <T>(items: readonly T[]): T => items[random(items.length)]!
/** Now and then something odd, mostly `usual`. */
const odd = <T>(usual: T, ...others: T[]): T => (random(6) === 0 ? pick(others) : usual)

function seal(block: Buffer): Buffer {
  block.fill(0x20, 148, 156)
  const sum = block.subarray(0, 512).reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return block
}

function member(type: string, name: string, content: string): Buffer {
  const bytes = Buffer.from(content, 'latin1')
  const block = Buffer.alloc(512)
  block.write(name, 0, 100, 'latin1')
  block.write('0000644\x000000000\x000000000\0', 100, 'latin1')
  const size = odd(bytes.length, 0, 512)
  const octal = size.toString(8).padStart(11, '0')
  block.write(odd(`${octal}\0`, `${octal} `, `   ${octal.slice(3)}\0`, '\0\0\0'), 124, 'latin1')
  block.write('00000000000\0', 136, 'latin1')
  block.write(type, 156, 'latin1')
  block.write(odd('', 'target', 'k'.repeat(100)), 157, 100, 'latin1')
  block.write(
    odd('ustar\x0000', 'ustar  \0', '\0\0\0\0\0\0\0\0', 'ustar\x0099', 'ustar\0\0\0'),
    257,
    'latin1',
  )
  block.write('0000000\x000000000\0', 329, 'latin1')
  block.write(odd('', 'pre/fix', '00000000001\x0000000000002\0', 'p'.repeat(155)), 345, 'latin1')
  return Buffer.concat([seal(block), bytes, Buffer.alloc(tarPadding(bytes.length))])
}

function record(key: string, value: string): string {
  let length = key.length + value.length + 3
  while (`${length} ${key}=${value}\n`.length !== length) length++
  return `${length + odd(0, 1, -1)} ${key}=${value}\n`
}

function step(): Buffer {
  const name = pick(['a', 'b/c', 'd/', 'long'.repeat(25), './e', '\xe9'])
  const records = () =>
    Array.from({ length: random(3) }, () =>
      pick([
        record('path', odd('pax-name', '', 'pax\0nul', 'dir/')),
        record('size', odd('3', '0', '512', '-1', '0x3')),
        record('linkpath', 'pax-target'),
        record('comment', 'nothing'),
        record('mtime', odd('1.5', '-1', '1e3')),
        record('uid', odd('5', '4294967296')),
      ]),
    ).join('')
  switch (random(12)) {
    case 0:
    case 1:
      return member('x', 'PaxHeaders.0/x', records())
    case 2:
      return member('L', '././@LongLink', odd('gnu-name\0', 'gnu-name', 'gnu\0name', ''))
    case 3:
      return member('K', '././@LongLink', 'gnu-target\0')
    case 4:
      return member('g', 'pax_global_header', odd(record('comment', 'nothing'), records()))
    case 5:
      return odd(member('0', name, ''), Buffer.alloc(512), Buffer.alloc(1024))
    default:
      return member(
        odd(pick(['0', '0', '0', '5', '2', '1']), '\0', '7', 'S', '3', '6'),
        name,
        odd('', 'hi\n', 'x'.repeat(600)),
      )
  }
}

const gnuTar = (() => {
  try {
    return execFileSync('tar', ['--version'], { encoding: 'utf8' }).includes('GNU tar')
  } catch {
    return false
  }
})()
if (!gnuTar) console.log('skipped: no GNU tar')

const PYTHON = `
import tarfile, sys, json
kinds = {b'1': 'h', b'2': 'l', b'3': 'c', b'5': 'd', b'6': 'p'}
for path in sys.stdin.read().split():
    try:
        with tarfile.open(path, 'r:', encoding='utf-8', errors='surrogateescape') as archive:
            rows = [kinds.get(m.type, '-') + ' ' + m.name.encode('utf-8', 'surrogateescape').decode('latin-1') for m in archive]
        print(json.dumps(rows))
    except Exception as e:
        print(json.dumps(str(e)))
`
const python = spawnSync('python3', ['--version']).status === 0

describe.skipIf(!gnuTar)('archives with headers in any order', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cooperage-agreement-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('are refused, or hold for us the entries that they hold for others', async () => {
    const kinds = { file: '-', hardlink: 'h', symlink: 'l', char: 'c', block: 'b', directory: 'd', fifo: 'p' }
    const refusals = new Map<string, number>()
    const accepted = new Map<string, string[]>()
    for (let archive = 0; archive < 1500; archive++) {
      const bytes = Buffer.concat([...Array.from({ length: 1 + random(4) }, step), Buffer.alloc(1024)])
      const rows: string[] = []
      try {
        for await (const { entry } of readTar(only(bytes))) rows.push(`${kinds[entry.type]} ${entry.name}`)
      } catch (error) {
        if (!isCooperageError(error)) throw error
        refusals.set(error.code, (refusals.get(error.code) ?? 0) + 1)
        continue
      }
      const path = join(folder, `${archive}.tar`)
      writeFileSync(path, bytes)
      accepted.set(path, rows)
    }
    expect(accepted.size).toBeGreaterThan(300)
    expect([...refusals.keys()].sort()).toEqual(
      expect.arrayContaining(['E_TAR_AMBIGUOUS', 'E_TAR_CHECKSUM', 'E_TAR_PAX']),
    )

    const differing: unknown[] = []
    for (const [path, rows] of accepted) {
      const { stdout } = spawnSync('tar', ['-tvf', path, '--quoting-style=c'], {
        env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
        encoding: 'latin1',
      })
      const lines = [...stdout.matchAll(/^(.).*? \d\d:\d\d "(.*?)"/gm)]
      // `C` is a contiguous file.
      const seen = lines.map(
        ([, kind, name]) => `${kind === 'C' ? '-' : kind} ${name!.replaceAll('\\351', '\xe9')}`,
      )
      if (JSON.stringify(seen) !== JSON.stringify(rows)) differing.push({ path, tar: seen, rows })
    }
    expect(differing).toEqual([])

    if (!python) return
    const output = execFileSync('python3', ['-c', PYTHON], {
      input: [...accepted.keys()].join('\n'),
      encoding: 'utf8',
    })
    const others = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    // Python leaves the slash of a directory out, takes the times of a GNU header for a prefix, and fails where a
    // global header comes last.
    const plain = (rows: readonly string[]) =>
      rows.map((row) => row.replace(/\/$/, '').replace(/^(.) 00000000001\//, '$1 '))
    const ours = [...accepted.values()].map(plain)
    expect(others.length).toBe(ours.length)
    for (const [index, seen] of others.entries()) {
      if (seen !== 'end of file header') expect(plain(seen)).toEqual(ours[index])
    }
  })
})

describe('damaged archives', () => {
  it('are refused with an error of ours, or read alike by the stream, in small pieces, and at rest', async () => {
    for (let archive = 0; archive < 1000; archive++) {
      const bytes = Buffer.concat([...Array.from({ length: 1 + random(3) }, step), Buffer.alloc(1024)])
      for (let damage = 1 + random(4); damage > 0; damage--)
        bytes[random(bytes.length)] = odd(random(256), 0, 0x30, 0x80)
      const block = random(bytes.length / 512) * 512
      // Else nearly all damage is seen by the checksum, and by nothing after it.
      if (odd(false, true, true, true)) seal(bytes.subarray(block, block + 512))
      const cut = bytes.subarray(0, odd(bytes.length, random(bytes.length)))
      const whole = await outcome(readTar(only(cut)))
      expect(await outcome(readTar(pieces(cut, 100)))).toEqual(whole)
      expect(await outcome(scanTar(range(cut)))).toEqual(whole)
    }
  })
})

async function outcome(entries: AsyncIterable<LocatedEntry>): Promise<unknown> {
  const found: unknown[] = []
  try {
    for await (const { entry, index, offset, stored, sparse } of entries)
      found.push({ entry, index, offset, stored, sparse })
  } catch (error) {
    if (!isCooperageError(error)) throw error
    return { found, code: error.code, data: error.data }
  }
  return { found }
}

async function* only(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes
}

async function* pieces(bytes: Buffer, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}

function range(bytes: Buffer): BlobRange {
  return {
    size: bytes.length,
    read: async (offset, length) => bytes.subarray(offset, offset + length),
    readSync: (offset, target) => void bytes.copy(target, 0, offset),
    [Symbol.asyncDispose]: async () => {},
  }
}
