import { describe, expect, it } from 'vitest'
import { DEFAULT_TAR_LIMITS } from './limits.js'
import { placeSparse } from './sparse.js'
import { SparseMapReader } from './sparse-map.js'
import { readPaxSparse } from './sparse-pax.js'

const at = { index: 0, offset: 0 }
const limits = DEFAULT_TAR_LIMITS
const code = (code: string) => expect.objectContaining({ code })

describe('the map of a sparse file', () => {
  it('is placed in the archive run by run, empty parts left out', () => {
    const parts = [
      { at: 512, length: 1024 },
      { at: 4096, length: 3 },
      { at: 8192, length: 0 },
    ]
    expect(placeSparse(parts, { size: 8192, stored: 1027, offset: 2048, at })).toEqual([
      { at: 512, offset: 2048, length: 1024 },
      { at: 4096, offset: 3072, length: 3 },
    ])
  })

  it('is refused when parts overlap, lie outside, or use other data than there is', () => {
    const place = (parts: { at: number; length: number }[], stored: number) => () =>
      placeSparse(parts, { size: 4096, stored, offset: 0, at })
    expect(
      place(
        [
          { at: 0, length: 1024 },
          { at: 512, length: 512 },
        ],
        1536,
      ),
    ).toThrowError(code('E_TAR_SPARSE'))
    expect(place([{ at: 4096, length: 512 }], 512)).toThrowError(code('E_TAR_SPARSE'))
    expect(place([{ at: -512, length: 512 }], 512)).toThrowError(code('E_TAR_SPARSE'))
    expect(place([{ at: 0, length: 512 }], 1024)).toThrowError(code('E_TAR_SPARSE'))
    expect(place([{ at: 0, length: 1024 }], 512)).toThrowError(code('E_TAR_SPARSE'))
  })

  it('is refused when a part ends inside a block and another follows: GNU tar and Go see different data', () => {
    const parts = [
      { at: 0, length: 3 },
      { at: 1024, length: 3 },
    ]
    expect(() => placeSparse(parts, { size: 4096, stored: 6, offset: 0, at })).toThrowError(
      code('E_TAR_AMBIGUOUS'),
    )
  })

  it('of version 1.0 may cross blocks', () => {
    const parts = Array.from({ length: 100 }, (_, index) => ({ at: index * 65_536, length: 512 }))
    const text = `${parts.length}\n${parts.map((part) => `${part.at}\n${part.length}\n`).join('')}`
    const bytes = Buffer.alloc(Math.ceil(text.length / 512) * 512)
    bytes.write(text)
    const reader = new SparseMapReader(limits, at)
    const ends: boolean[] = []
    for (let from = 0; from < bytes.length; from += 512)
      ends.push(reader.push(bytes.subarray(from, from + 512)))
    expect(ends.indexOf(true)).toBe(ends.length - 1)
    expect(reader.parts).toEqual(parts)
  })

  it('of version 1.0 is refused for too many parts before they are read, and for what is no number', () => {
    const push = (text: string) => () =>
      new SparseMapReader(limits, at).push(Buffer.from(text.padEnd(512, '\0')))
    expect(push('40000\n')).toThrowError(code('E_LIMIT'))
    expect(push('1\n-5\n5\n')).toThrowError(code('E_TAR_SPARSE'))
    expect(push('9'.repeat(512))).toThrowError(code('E_TAR_SPARSE'))
    expect(push('\n')).toThrowError(code('E_TAR_SPARSE'))
  })

  it('is refused when its records are not those of one version', () => {
    const read = (records: [string, string][]) => () => readPaxSparse(records, { limits, at })
    expect(read([['name', 'x']])).toThrowError(code('E_TAR_SPARSE'))
    expect(
      read([
        ['major', '2'],
        ['minor', '0'],
        ['realsize', '5'],
      ]),
    ).toThrowError(code('E_TAR_SPARSE'))
    expect(
      read([
        ['major', '1'],
        ['minor', '0'],
        ['realsize', '5'],
        ['map', '0,5'],
      ]),
    ).toThrowError(code('E_TAR_SPARSE'))
    expect(
      read([
        ['size', '9'],
        ['numblocks', '1'],
        ['map', '0,5'],
        ['offset', '0'],
      ]),
    ).toThrowError(code('E_TAR_SPARSE'))
    expect(
      read([
        ['size', '9'],
        ['numblocks', '1'],
        ['numbytes', '5'],
        ['offset', '0'],
      ]),
    ).toThrowError(code('E_TAR_SPARSE'))
    expect(
      read([
        ['size', '9'],
        ['numblocks', '2'],
        ['map', '0,5'],
      ]),
    ).toThrowError(code('E_TAR_SPARSE'))
    expect(
      read([
        ['size', '9'],
        ['size', '8'],
        ['numblocks', '1'],
        ['map', '0,5'],
      ]),
    ).toThrowError(code('E_TAR_SPARSE'))
    expect(
      read([
        ['size', '1152921504606846976'],
        ['numblocks', '1'],
        ['map', '0,5'],
      ]),
    ).toThrowError(code('E_LIMIT'))
  })

  it('is read from the records of versions 0.0, 0.1 and 1.0', () => {
    const read = (records: [string, string][]) => readPaxSparse(records, { limits, at })
    const parts = [{ at: 512, length: 5 }]
    expect(
      read([
        ['size', '900'],
        ['numblocks', '1'],
        ['offset', '512'],
        ['numbytes', '5'],
      ]),
    ).toEqual({ size: 900, parts })
    expect(
      read([
        ['size', '900'],
        ['numblocks', '1'],
        ['name', 'n'],
        ['map', '512,5'],
      ]),
    ).toEqual({ size: 900, name: 'n', parts })
    expect(
      read([
        ['major', '1'],
        ['minor', '0'],
        ['name', 'n'],
        ['realsize', '900'],
      ]),
    ).toEqual({ size: 900, name: 'n' })
  })
})
