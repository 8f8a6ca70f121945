import { describe, expect, it } from 'vitest'
import { encodeTarEntry, encodeTarEntryInto } from './encode-entry.js'
import type { TarEntry } from './entry.js'
import { tarPadding } from './layout.js'

function file(change: Partial<TarEntry> = {}): TarEntry {
  return {
    type: 'file',
    name: 'a/b.txt',
    linkname: '',
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtime: 1445412480,
    size: 5,
    uname: '',
    gname: '',
    devmajor: 0,
    devminor: 0,
    xattrs: new Map(),
    ...change,
  }
}

const text = (block: Buffer, at: number, length: number): string =>
  block.toString('latin1', at, at + length).replace(/\0+$/, '')

describe('the header of an entry', () => {
  it('is one ustar block with NUL-ended octal fields', () => {
    const block = encodeTarEntry(file())
    expect(block.length).toBe(512)
    expect(block.toString('latin1', 100, 156)).toBe(
      '0000644\x000000000\x000000000\x0000000000005\x0012611637200\x00010437\0 ',
    )
    expect(block.toString('latin1', 257, 265)).toBe('ustar\x0000')
    expect(block.toString('latin1', 329, 345)).toBe('0000000\x000000000\0')
  })

  it('splits a long name at a slash where ustar can say it', () => {
    const name = `${'d'.repeat(60)}/${'e'.repeat(60)}/${'f'.repeat(80)}`
    const block = encodeTarEntry(file({ name }))
    expect(block.length).toBe(512)
    expect([text(block, 345, 155), text(block, 0, 100)]).toEqual([name.slice(0, 121), 'f'.repeat(80)])
  })

  it('needs a PAX header for a long name without such a slash, named after the entry', () => {
    const name = `dir/${'f'.repeat(101)}`
    const blocks = encodeTarEntry(file({ name }))
    expect(blocks.length).toBe(1536)
    expect(text(blocks, 0, 100)).toBe(`dir/PaxHeaders.0/${'f'.repeat(101)}`.slice(0, 100))
    expect(text(blocks, 512, 512)).toBe(`115 path=${name}\n`)
    expect(text(blocks, 1024, 100)).toBe(name.slice(0, 100))
  })

  it('leaves non-ASCII bytes out of the ustar field beside the record that has them', () => {
    const blocks = encodeTarEntry(file({ name: '\xc3\xbcml/\xc3\x9f', linkname: '' }))
    expect(text(blocks, 0, 100)).toBe('ml/PaxHeaders.0')
    expect(text(blocks, 512, 512)).toBe('16 path=\xc3\xbcml/\xc3\x9f\n')
    expect(text(blocks, 1024, 100)).toBe('ml/')
  })

  it('does not end a name that is cut in a slash', () => {
    const blocks = encodeTarEntry(file({ name: `${'s'.repeat(99)}/${'t'.repeat(101)}` }))
    expect(text(blocks, 1024, 100)).toBe('s'.repeat(99))
  })

  it('writes numbers above their field as records, and zero in the field', () => {
    const blocks = encodeTarEntry(
      file({ uid: 3_000_000_000, gid: 2_097_152, size: 8_589_934_592, mtime: 8_589_934_592 }),
    )
    expect(text(blocks, 512, 512)).toBe(
      '15 gid=2097152\n20 mtime=8589934592\n19 size=8589934592\n18 uid=3000000000\n',
    )
    expect(blocks.toString('latin1', 1132, 1172)).toBe('0000000\x000000000\x0000000000000\x0000000000000\0')
  })

  it('has whole seconds, a record of those before 1970, and twelve bits of mode', () => {
    const same = encodeTarEntry(file({ mtime: 7, mode: 0o4755 }))
    expect(encodeTarEntry(file({ mtime: 7.9, mode: 0o104755 })).equals(same)).toBe(true)
    expect(encodeTarEntry(file({ mtime: -5.5 })).includes('12 mtime=-6\n')).toBe(true)
    expect(encodeTarEntry(file({ mtime: 8_589_934_591.9 })).length).toBe(512)
  })

  it('goes into a buffer at an offset, over what was there, and only when all of it fits', () => {
    const target = Buffer.alloc(2000, 0xaa)
    expect(encodeTarEntryInto(file(), target, 3)).toBe(512)
    expect(target.subarray(3, 515).equals(encodeTarEntry(file()))).toBe(true)
    expect([target[2], target[515]]).toEqual([0xaa, 0xaa])
    expect(encodeTarEntryInto(file(), target, 1489)).toBe(-512)
    const long = file({ name: 'f'.repeat(101) })
    expect(encodeTarEntryInto(long, target, 464)).toBe(1536)
    const before = Buffer.from(target)
    expect(encodeTarEntryInto(long, target, 465)).toBe(-1536)
    expect(target.equals(before)).toBe(true)
  })

  it('is refused for what no archive can say', () => {
    const wrong: Partial<TarEntry>[] = [
      { name: '' },
      { name: 'dir/' },
      { name: 'a\0b' },
      { type: 'symlink', size: 0, linkname: 'a\0b' },
      { type: 'directory', name: 'd/', size: 1 },
      { uid: -1 },
      { gid: 4_294_967_295 },
      { size: 1.5 },
      { size: 2 ** 53 },
      { mtime: Number.NaN },
      { mtime: Infinity },
      { type: 'char', size: 0, devmajor: 2_097_152 },
      { xattrs: new Map([['user.a=b', Buffer.alloc(1)]]) },
    ]
    for (const change of wrong) {
      expect(() => encodeTarEntry(file(change)), JSON.stringify(change)).toThrowError(
        expect.objectContaining({ code: 'E_TAR_ENCODE' }),
      )
    }
    expect(() => encodeTarEntry(file({ xattrs: new Map([['user.a', Buffer.alloc(1 << 20)]]) }))).toThrowError(
      expect.objectContaining({ code: 'E_LIMIT' }),
    )
  })

  it('is followed by padding to a whole block', () => {
    expect([0, 1, 511, 512, 513, 2 ** 40 + 1].map(tarPadding)).toEqual([0, 511, 1, 0, 511, 511])
  })
})
