import { describe, expect, it } from 'vitest'
import type { BlobRange } from '../blobs/blob-store.js'
import { encodeTarEntry } from './encode-entry.js'
import type { TarEntry } from './entry.js'
import { END_OF_ARCHIVE, FIELD, tarPadding } from './layout.js'
import type { TarOptions } from './parse-tar.js'
import { readTar, type TarItem } from './read-tar.js'
import { scanTar } from './scan-tar.js'

const ENTRY: TarEntry = {
  type: 'file',
  name: 'x',
  linkname: '',
  mode: 0o644,
  uid: 0,
  gid: 0,
  mtime: 0,
  size: 0,
  uname: '',
  gname: '',
  devmajor: 0,
  devminor: 0,
  xattrs: new Map(),
}

function member(name: string, content: Buffer | string = ''): Buffer {
  const bytes = Buffer.from(content)
  const header = encodeTarEntry({ ...ENTRY, name, size: bytes.length })
  return Buffer.concat([header, bytes, Buffer.alloc(tarPadding(bytes.length))])
}

/** A member of another type than entries have. */
function special(type: string, content: Buffer | string): Buffer {
  const block = member('special', content)
  block.write(type, FIELD.type.at)
  block.write('        ', FIELD.checksum.at)
  const sum = block.subarray(0, 512).reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, FIELD.checksum.at)
  return block
}

const pax = (...records: string[]): Buffer =>
  special('x', records.map((record) => `${record.length + 4} ${record}\n`).join(''))

function archive(...members: Uint8Array[]): Buffer {
  return Buffer.concat([...members, END_OF_ARCHIVE])
}

async function* chunks(bytes: Buffer, length = 1000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}

/** Also counts the bytes that are read. */
function range(bytes: Buffer): BlobRange & { count: number } {
  return {
    size: bytes.length,
    count: 0,
    async read(offset: number, length: number) {
      this.count += length
      return Uint8Array.from(bytes.subarray(offset, offset + length))
    },
    readSync: (offset, target) => void bytes.copy(target, 0, offset),
    [Symbol.asyncDispose]: async () => {},
  }
}

async function contents(bytes: Buffer, options?: TarOptions): Promise<[string, string][]> {
  const found: [string, string][] = []
  for await (const item of readTar(chunks(bytes), options)) {
    const parts: Uint8Array[] = []
    for await (const chunk of item.content()) parts.push(Uint8Array.from(chunk))
    found.push([item.entry.name, Buffer.concat(parts).toString()])
  }
  return found
}

async function names(bytes: Buffer, options?: TarOptions): Promise<string[]> {
  const found: string[] = []
  for await (const { entry } of scanTar(range(bytes), options)) found.push(entry.name)
  return found
}

/** Both ways of reading refuse it alike. */
async function expectRefusal(
  bytes: Buffer,
  error: Record<string, unknown>,
  options?: TarOptions,
): Promise<void> {
  await expect(contents(bytes, options)).rejects.toMatchObject(error)
  await expect(names(bytes, options)).rejects.toMatchObject(error)
}

describe('reading an archive', () => {
  const bytes = archive(member('a', 'first'), member('b', 'x'.repeat(5000)), member('c'), member('d', 'last'))

  it('gives entries and their content, whatever the chunks', async () => {
    for (const length of [1, 7, 511, 512, 513, 1 << 20]) {
      const seen: [string, number, string][] = []
      for await (const item of readTar(chunks(bytes, length))) {
        let text = ''
        for await (const chunk of item.content()) text += Buffer.from(chunk).toString()
        expect(bytes.toString('latin1', item.offset, item.offset + item.stored)).toBe(text)
        seen.push([item.entry.name, item.index, text])
      }
      expect(seen).toEqual([
        ['a', 0, 'first'],
        ['b', 1, 'x'.repeat(5000)],
        ['c', 2, ''],
        ['d', 3, 'last'],
      ])
    }
  })

  it('gives content at once where it is here, and nothing where it has to be waited for or expanded', async () => {
    for (const length of [3, 600, 1 << 20]) {
      const seen: [string, string][] = []
      let atOnce = 0
      for await (const item of readTar(chunks(bytes, length))) {
        const now = item.contentNow()
        if (now !== undefined) atOnce++
        let text = Buffer.from(now ?? []).toString()
        if (now === undefined) for await (const chunk of item.content()) text += Buffer.from(chunk).toString()
        seen.push([item.entry.name, text])
      }
      const whole = [
        ['a', 'first'],
        ['b', 'x'.repeat(5000)],
        ['c', ''],
        ['d', 'last'],
      ]
      expect(seen).toEqual(whole)
      // An empty file is always here; the large one only when the chunk has all of it.
      expect(atOnce).toBe({ 3: 1, 600: 3 }[length] ?? 4)
    }
    const sparse = pax(
      'GNU.sparse.major=1',
      'GNU.sparse.minor=0',
      'GNU.sparse.name=s',
      'GNU.sparse.realsize=3',
    )
    const map = Buffer.concat([Buffer.from('1\n0\n3\n'), Buffer.alloc(506), Buffer.from('abc')])
    for await (const item of readTar(chunks(archive(sparse, member('s', map)), 1 << 20))) {
      expect(item.contentNow()).toBeUndefined()
      let text = ''
      for await (const chunk of item.content()) text += Buffer.from(chunk).toString()
      expect(text).toBe('abc')
    }
  })

  it('passes over content that is not read, or read in part', async () => {
    const seen: string[] = []
    for await (const item of readTar(chunks(bytes, 300))) {
      seen.push(item.entry.name)
      if (item.entry.name === 'b') for await (const _ of item.content()) break
    }
    expect(seen).toEqual(['a', 'b', 'c', 'd'])
  })

  it('refuses content that is asked for twice or too late', async () => {
    const items: TarItem[] = []
    for await (const item of readTar(chunks(bytes))) items.push(item)
    expect(() => items[0]!.content()).toThrowError(expect.objectContaining({ code: 'E_TAR_CONTENT' }))
    for await (const item of readTar(chunks(bytes))) {
      item.content()
      expect(() => item.content()).toThrowError(expect.objectContaining({ code: 'E_TAR_CONTENT' }))
      expect(() => item.contentNow()).toThrowError(expect.objectContaining({ code: 'E_TAR_CONTENT' }))
    }
    expect(() => items[0]!.contentNow()).toThrowError(expect.objectContaining({ code: 'E_TAR_CONTENT' }))
  })

  it('reads the source to its end, behind the end of the archive too', async () => {
    let passed = 0
    const counted = async function* (): AsyncGenerator<Uint8Array> {
      for await (const chunk of chunks(Buffer.concat([bytes, Buffer.alloc(50_000), Buffer.from('junk')]))) {
        yield chunk
        passed += chunk.length
      }
    }
    for await (const _ of readTar(counted()));
    expect(passed).toBe(bytes.length + 50_004)
  })

  it('lets the source go when the caller stops early', async () => {
    let released = false
    const source = async function* (): AsyncGenerator<Uint8Array> {
      try {
        yield* chunks(bytes)
      } finally {
        released = true
      }
    }
    for await (const _ of readTar(source())) break
    expect(released).toBe(true)
  })

  it('stops when it is told to', async () => {
    const controller = new AbortController()
    controller.abort()
    await expect(contents(bytes, { signal: controller.signal })).rejects.toThrowError(/aborted/)
    await expect(names(bytes, { signal: controller.signal })).rejects.toThrowError(/aborted/)
  })

  it('says where the archive is cut short', async () => {
    for (const [length, index] of [
      [600, 0],
      [1300, 1],
      [2000, 1],
      [7000, 2],
    ] as const) {
      await expectRefusal(bytes.subarray(0, length), {
        code: 'E_TAR_TRUNCATED',
        data: { entry: index, offset: length },
      })
    }
    await expectRefusal(pax('path=y').subarray(0, 700), {
      code: 'E_TAR_TRUNCATED',
      data: { entry: 0, offset: 700 },
    })
  })

  it('takes an archive without its end, or with one zero block', async () => {
    const body = bytes.subarray(0, -1024)
    expect((await names(body)).length).toBe(4)
    expect((await contents(Buffer.concat([body, Buffer.alloc(512)]))).length).toBe(4)
  })

  it('refuses trailing data and empty input only when asked to', async () => {
    const trailing = Buffer.concat([bytes, Buffer.alloc(700), Buffer.from('junk')])
    expect((await contents(trailing)).length).toBe(4)
    await expectRefusal(
      trailing,
      { code: 'E_TAR_TRAILING', data: { entry: 4, offset: bytes.length + 700 } },
      { trailing: 'reject' },
    )
    expect((await names(Buffer.concat([bytes, Buffer.alloc(700_000)]), { trailing: 'reject' })).length).toBe(
      4,
    )
    expect(await contents(Buffer.alloc(0))).toEqual([])
    await expectRefusal(Buffer.alloc(0), { code: 'E_TAR_EMPTY' }, { empty: 'reject' })
  })

  it('tells what is no archive from a damaged one', async () => {
    await expectRefusal(Buffer.from('plain text'), { code: 'E_TAR_HEADER' })
    await expectRefusal(Buffer.alloc(2048, 'plain text'), { code: 'E_TAR_HEADER' })
    const damaged = Buffer.from(bytes)
    damaged[1030] = 1
    await expectRefusal(damaged, { code: 'E_TAR_CHECKSUM', data: { entry: 1, offset: 1024 } })
  })
})

describe('extension headers', () => {
  it('apply to the next entry alone', async () => {
    const bytes = archive(pax('path=long', 'size=2'), member('short', 'hi'), member('other'))
    expect(await contents(bytes)).toEqual([
      ['long', 'hi'],
      ['other', ''],
    ])
  })

  it('of GNU give name and target together', async () => {
    const link = encodeTarEntry({ ...ENTRY, type: 'symlink', name: 'l', linkname: 't' })
    const bytes = archive(special('K', 'target\0'), special('L', 'name\0'), link)
    for await (const { entry } of readTar(chunks(bytes)))
      expect([entry.name, entry.linkname]).toEqual(['name', 'target'])
  })

  it('give owners, times with fractions and attributes', async () => {
    const bytes = archive(
      pax('uid=3000000000', 'mtime=-1.5', 'uname=someone', 'SCHILY.xattr.user.a=\0='),
      member('x'),
    )
    for await (const { entry } of readTar(chunks(bytes))) {
      expect(entry).toMatchObject({ uid: 3_000_000_000, mtime: -1.5, uname: 'someone' })
      expect([...entry.xattrs]).toEqual([['user.a', Uint8Array.from([0, 0x3d])]])
    }
  })

  it('that change nothing may be global', async () => {
    expect(
      await names(
        archive(special('g', '52 comment=0123456789012345678901234567890123456789\n'), member('x')),
      ),
    ).toEqual(['x'])
    await expectRefusal(archive(special('g', '10 path=y\n'), member('x')), { code: 'E_TAR_AMBIGUOUS' })
  })

  it('are refused in combinations that readers take differently', async () => {
    const long = special('L', 'gnu\0')
    const orders = [
      [pax('path=y'), long, member('x')],
      [long, pax('path=y'), member('x')],
      [pax('path=y'), pax('path=z'), member('x')],
      [long, long, member('x')],
      [pax('path=y'), special('g', '10 comment=\n'.replace('10', '12')), member('x')],
      [member('x'), pax('path=y')],
      [member('x'), long],
    ]
    for (const members of orders) await expectRefusal(archive(...members), { code: 'E_TAR_AMBIGUOUS' })
  })

  it('are refused above their limits before anything is held', async () => {
    const header = Buffer.from(special('x', ''))
    header.write('10000000000\0', FIELD.size.at)
    header.write('        ', FIELD.checksum.at)
    const sum = header.subarray(0, 512).reduce((total, byte) => total + byte, 0)
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, FIELD.checksum.at)
    await expectRefusal(header, { code: 'E_LIMIT', data: { limit: 'paxBytes', found: 2 ** 30 } })
    await expectRefusal(
      archive(pax('path=long'), member('x')),
      { code: 'E_LIMIT', data: { limit: 'nameBytes' } },
      { limits: { nameBytes: 3 } },
    )
    await expectRefusal(
      archive(member('x'), member('y')),
      { code: 'E_LIMIT', data: { limit: 'entries', entry: 1 } },
      { limits: { entries: 1 } },
    )
  })

  it('are refused for names that some programs would cut or change', async () => {
    for (const record of [
      'path=a\0b',
      'path=',
      'linkpath=a\0b',
      'size=1e3',
      'size= 3',
      'uid=+1',
      'mtime=1e3',
      'mtime=',
      'SCHILY.xattr.=x',
    ]) {
      await expectRefusal(archive(pax(record), member('x')), { code: 'E_TAR_PAX' })
    }
    await expectRefusal(archive(special('L', 'a\0b'), member('x')), { code: 'E_TAR_AMBIGUOUS' })
  })
})

describe('entries that readers see differently', () => {
  it('are refused', async () => {
    await expectRefusal(archive(pax('path=dir/'), member('x')), { code: 'E_TAR_AMBIGUOUS' })
    await expectRefusal(archive(special('5', 'content')), { code: 'E_TAR_AMBIGUOUS' })
    await expectRefusal(Buffer.concat([member('x'), Buffer.alloc(512), member('y')]), {
      code: 'E_TAR_AMBIGUOUS',
    })
    await expectRefusal(archive(special('Z', '')), { code: 'E_TAR_TYPE' })
  })
})

describe('scanning an archive at rest', () => {
  it('sees what a reader sees, and jumps over big contents', async () => {
    const bytes = archive(member('a', 'x'.repeat(3_000_000)), member('b', 'y'.repeat(2_000_000)), member('c'))
    const input = range(bytes)
    const scanned = []
    for await (const found of scanTar(input)) scanned.push(found)
    const read = []
    for await (const { entry, index, offset, stored } of readTar(chunks(bytes)))
      read.push({ entry, index, offset, stored })
    expect(scanned).toEqual(read)
    expect(input.count).toBeLessThan(300_000)
  })
})
