import { execFileSync } from 'node:child_process'
import { createReadStream, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createGunzip } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isCooperageError } from '../packages/store/src/errors.js'
import type { LocatedEntry } from '../packages/store/src/tar/locate.js'
import { readTar } from '../packages/store/src/tar/read-tar.js'
import { scanTar } from '../packages/store/src/tar/scan-tar.js'
import { sharedPath } from './shared.js'

const fixtures = sharedPath('tools/fixtures')

/** Codes for faults of the archive itself; the rest is found by whoever applies the entries, or by gunzip. */
const CODEC_CODES: Readonly<Record<string, readonly string[]>> = {
  E_TAR_HEADER: ['E_TAR_HEADER', 'E_TAR_AMBIGUOUS'],
  E_TAR_NUMBER: ['E_TAR_RANGE'],
  E_TAR_PAX: ['E_TAR_PAX', 'E_TAR_AMBIGUOUS'],
  E_TAR_SPARSE: ['E_TAR_SPARSE', 'E_TAR_AMBIGUOUS'],
  E_TAR_CHECKSUM: ['E_TAR_CHECKSUM'],
  E_TAR_TRUNCATED: ['E_TAR_TRUNCATED'],
  E_TAR_TYPE: ['E_TAR_TYPE'],
  E_TAR_TRAILING: ['E_TAR_TRAILING'],
  E_TAR_EMPTY: ['E_TAR_EMPTY'],
  E_LIMIT: ['E_LIMIT'],
}

/** Rejected for the name of one component, which is a limit of file systems and not of tar. */
const NOT_OF_THE_CODEC = new Set(['030-name-256'])

/** Names, links, whiteouts and the like mean something only to a file system. */
const FOUND_WHEN_APPLIED = / (?:E_TAR_(?:ESCAPE|ROOT|LOOP|LINK|DEVICE|WHITEOUT)|E_LIMIT)$/

/** Expanding half a gigabyte of zeros twice proves nothing that a part of it does not. */
const CONTENT_SHOWN = 64 << 20

interface Expected {
  readonly verdict: 'reject' | 'apply' | 'either'
  readonly code?: string
  readonly tree?: Readonly<Record<string, string>>
}

interface Outcome {
  readonly entries: readonly LocatedEntry[]
  readonly texts: readonly string[]
  readonly code?: string
}

async function read(path: string, mode: 'layer' | 'context'): Promise<Outcome> {
  const entries: LocatedEntry[] = []
  const texts: string[] = []
  const file = createReadStream(path, { highWaterMark: 61_441 })
  const source = path.endsWith('.gz') ? file.pipe(createGunzip()) : file
  const strict = mode === 'context' ? ({ trailing: 'reject', empty: 'reject' } as const) : {}
  try {
    for await (const item of readTar(source, strict)) {
      const head: Buffer[] = []
      let length = 0
      for await (const chunk of item.content()) {
        if (length < 64) head.push(Buffer.from(chunk.subarray(0, 64)))
        length += chunk.length
        if (length > CONTENT_SHOWN) break
      }
      if (length <= CONTENT_SHOWN) expect(length).toBe(item.entry.size)
      texts.push(Buffer.concat(head).toString('latin1'))
      entries.push({ entry: item.entry, index: item.index, offset: item.offset, stored: item.stored })
    }
  } catch (error) {
    if (isCooperageError(error)) {
      expect(error.data).toMatchObject({ entry: expect.any(Number), offset: expect.any(Number) })
      return { entries, texts, code: error.code }
    }
    // zlib's own errors; a layer's reader gives them their names.
    const { code } = error as NodeJS.ErrnoException
    if (path.endsWith('.gz') && code !== undefined) return { entries, texts, code }
    throw error
  }
  return { entries, texts }
}

async function scan(path: string, mode: 'layer' | 'context'): Promise<Outcome> {
  const bytes = readFileSync(path)
  const entries: LocatedEntry[] = []
  const range = {
    size: bytes.length,
    read: async (offset: number, length: number) => bytes.subarray(offset, offset + length),
    readSync: (offset: number, target: Uint8Array) => void bytes.copy(target, 0, offset),
    [Symbol.asyncDispose]: async () => {},
  }
  const strict = mode === 'context' ? ({ trailing: 'reject', empty: 'reject' } as const) : {}
  try {
    for await (const { entry, index, offset, stored } of scanTar(range, strict)) {
      entries.push({ entry, index, offset, stored })
    }
  } catch (error) {
    if (isCooperageError(error)) return { entries, texts: [], code: error.code }
    throw error
  }
  return { entries, texts: [] }
}

describe.skipIf(fixtures === undefined)('hostile archives', () => {
  let folder: string
  let names: string[]
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'cooperage-hostile-'))
    execFileSync(fixtures!, ['hostile', folder, '--scale', '0.05'])
    names = readdirSync(folder).filter((name) => /^\d+-.*\.tar(?:\.gz)?$/.test(name))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const expectation = (name: string): Readonly<Record<'layer' | 'context', Expected>> =>
    JSON.parse(readFileSync(join(folder, name.replace(/\.tar(?:\.gz)?$/, '.expected.json')), 'utf8'))

  for (const mode of ['layer', 'context'] as const) {
    it(`are read as a ${mode} without harm, and refused for what is wrong with the archive itself`, async () => {
      const differing: string[] = []
      const leftToApply: string[] = []
      const before = process.resourceUsage().maxRSS
      for (const name of names) {
        const expected = expectation(name)[mode]
        const { code, entries, texts } = await read(join(folder, name), mode)
        const allowed = CODEC_CODES[expected.code ?? ''] ?? []
        if (expected.verdict === 'apply') {
          if (code !== undefined) differing.push(`${name}: refused with ${code}`)
        } else if (code === undefined) {
          if (expected.verdict === 'either') continue
          if (allowed.length === 0 || NOT_OF_THE_CODEC.has(name.slice(0, -4)))
            leftToApply.push(`${name} ${expected.code}`)
          else differing.push(`${name}: accepted, not ${expected.code}`)
        } else if (!allowed.includes(code) && !name.endsWith('.gz')) {
          differing.push(`${name}: ${code}, not ${expected.code}`)
        }
        if (expected.verdict !== 'apply' || entries.length !== 1) continue
        const [key, wanted] =
          Object.entries(expected.tree ?? {}).find(([key]) => key === entries[0]!.entry.name) ?? []
        if (key !== undefined && wanted?.startsWith('file:')) expect(texts[0]).toBe(wanted.slice(5))
      }
      expect(differing).toEqual([])
      expect(leftToApply.filter((line) => !FOUND_WHEN_APPLIED.test(line))).toEqual([])
      expect(process.resourceUsage().maxRSS - before).toBeLessThan(256 << 10)
    })

    it(`are scanned as a ${mode} with the same entries and the same refusals`, async () => {
      for (const name of names.filter((name) => name.endsWith('.tar'))) {
        const streamed = await read(join(folder, name), mode)
        const scanned = await scan(join(folder, name), mode)
        const seen = (outcome: Outcome) => ({ name, code: outcome.code, entries: outcome.entries.length })
        // A reader finds out that content is cut short after it has announced the entry, a scan as well.
        if (streamed.code !== 'E_TAR_TRUNCATED') expect(seen(scanned)).toEqual(seen(streamed))
        else expect(scanned.code).toBe('E_TAR_TRUNCATED')
        expect(scanned.entries.slice(0, streamed.entries.length)).toEqual(streamed.entries)
      }
    })
  }
})
