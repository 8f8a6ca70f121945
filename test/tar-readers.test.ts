import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { extract } from 'tar-stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isUtf8Bytes, toUtf8 } from '../packages/store/src/bytes.js'
import { encodeTarEntry } from '../packages/store/src/tar/encode-entry.js'
import type { TarEntry, TarEntryType } from '../packages/store/src/tar/entry.js'
import { END_OF_ARCHIVE, tarPadding } from '../packages/store/src/tar/layout.js'
import { readTar } from '../packages/store/src/tar/read-tar.js'

/** What every judge is asked for, names as latin1. */
interface Row {
  readonly type: string
  readonly name: string
  readonly linkname: string
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly mtime: number
  readonly size: number
  readonly device: string
  readonly xattrs: readonly string[]
  readonly content: string
}

const SEED = 20151021

/** xorshift32: the same entries on every machine. */
function generator(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

const PIECES = [
  'a',
  'b',
  'Z',
  '0',
  '.',
  ' ',
  '\n',
  '\t',
  '\\',
  '"',
  '=',
  '%',
  '-',
  '\x7f',
  '\xc3\xbc',
  '\xe6\x97\xa5',
  '\xe9',
]

function randomEntries(count: number): { readonly entry: TarEntry; readonly content: Buffer }[] {
  const random = generator(SEED)
  const pick = <T>(items: readonly T[]): T => items[random(items.length)]!
  const word = (length: number): string => {
    let text = pick(['x', 'y', '\xc3\xbc'])
    while (text.length < length) text += random(8) === 0 ? pick(PIECES) : 'abcdefgh'[random(8)]
    return text
  }
  const path = (): string => {
    const lengths = pick([
      [1],
      [8],
      [99],
      [100],
      [101],
      [255],
      [50, 60],
      [90, 90],
      [155, 99],
      [154, 100],
      [156, 3],
      [40, 40, 40],
    ])
    return lengths.map((length) => word(random(4) === 0 ? 1 + random(length) : length)).join('/')
  }
  const id = (): number => pick([0, 1, 1000, 2097151, 2097152, 2 ** 31 - 1, 2 ** 31, 4294967294, random(4e9)])
  const types: TarEntryType[] = [
    'file',
    'file',
    'file',
    'directory',
    'symlink',
    'hardlink',
    'char',
    'block',
    'fifo',
  ]
  const names = new Set<string>()
  const made: { entry: TarEntry; content: Buffer }[] = []
  while (made.length < count) {
    const type = pick(types)
    const name = path() + (type === 'directory' ? '/' : '')
    if (names.has(name)) continue
    names.add(name)
    const size = type === 'file' ? pick([0, 1, 511, 512, 513, random(3000)]) : 0
    const xattrs = new Map<string, Uint8Array>()
    for (let left = random(5) === 0 ? random(4) : 0; left > 0; left--) {
      xattrs.set(
        `user.${word(1 + random(6)).replaceAll('=', '')}`,
        Buffer.from(Array.from({ length: random(120) }, () => random(256))),
      )
    }
    const isDevice = type === 'char' || type === 'block'
    const entry: TarEntry = {
      type,
      name,
      linkname: type === 'symlink' || type === 'hardlink' ? path() : '',
      mode: random(0o10000),
      uid: id(),
      gid: id(),
      mtime: pick([0, 1445412480, 8589934591, 8589934592, random(2 ** 31)]),
      size,
      uname: '',
      gname: '',
      devmajor: isDevice ? random(4096) : 0,
      devminor: isDevice ? random(2 ** 20) : 0,
      xattrs,
    }
    made.push({ entry, content: Buffer.alloc(size, random(256)) })
  }
  return made
}

function row(entry: TarEntry, content: Buffer): Row {
  return {
    type: entry.type,
    name: entry.name,
    linkname: entry.linkname,
    mode: entry.mode,
    uid: entry.uid,
    gid: entry.gid,
    mtime: entry.mtime,
    size: entry.size,
    device: `${entry.devmajor},${entry.devminor}`,
    xattrs: [...entry.xattrs].map(([key, value]) => `${key}=${Buffer.from(value).toString('hex')}`).sort(),
    content: createHash('sha256').update(content).digest('hex'),
  }
}

const PYTHON = `
import tarfile, json, hashlib, sys
kinds = {b'0': 'file', b'1': 'hardlink', b'2': 'symlink', b'3': 'char', b'4': 'block', b'5': 'directory', b'6': 'fifo'}
raw = lambda text: text.encode('utf-8', 'surrogateescape').decode('latin-1')
rows = []
with tarfile.open(sys.argv[1], 'r:', encoding='utf-8', errors='surrogateescape') as archive:
    for m in archive:
        x = sorted('%s=%s' % (raw(k)[13:], v.encode('utf-8', 'surrogateescape').hex()) for k, v in m.pax_headers.items() if k.startswith('SCHILY.xattr.'))
        content = archive.extractfile(m).read() if m.isreg() else b''
        device = '%d,%d' % (m.devmajor, m.devminor) if m.ischr() or m.isblk() else '0,0'
        rows.append(dict(type=kinds[m.type], name=raw(m.name), linkname=raw(m.linkname), mode=m.mode, uid=m.uid, gid=m.gid, mtime=m.mtime, size=m.size, device=device, xattrs=x, content=hashlib.sha256(content).hexdigest()))
print(json.dumps(rows))
`

const has = (command: string): boolean => {
  try {
    execFileSync(command, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    console.log(`skipped: no ${command}`)
    return false
  }
}
const gnuTar = has('tar') && execFileSync('tar', ['--version'], { encoding: 'utf8' }).includes('GNU tar')
const python = has('python3')

/** The C quoting of GNU tar. */
function unquote(text: string): string {
  return text.replace(/\\([0-7]{3}|.)/g, (_, code: string) => {
    if (/^[0-7]{3}$/.test(code)) return String.fromCharCode(Number.parseInt(code, 8))
    return { n: '\n', t: '\t' }[code] ?? code
  })
}

const LINE =
  /^([-hlcbdp])([-rwxsStT]{9})\*? +(\d+)\/(\d+) +(\d+(?:,\d+)?) (\d+)-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d) "((?:[^"\\]|\\.)*)"(?: (?:->|link to) "((?:[^"\\]|\\.)*)")?$/

describe('an archive of odd entries', () => {
  const made = randomEntries(600)
  const expected = made.map(({ entry, content }) => row(entry, content))
  let folder: string
  let path: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'cooperage-tar-'))
    path = join(folder, 'odd.tar')
    const parts = made.flatMap(({ entry, content }) => [
      encodeTarEntry(entry),
      content,
      Buffer.alloc(tarPadding(content.length)),
    ])
    writeFileSync(path, Buffer.concat([...parts, END_OF_ARCHIVE]))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('is read back as it was written, however the stream is cut', async () => {
    const bytes = readFileSync(path)
    for (const length of [512, 1000, 65_536, bytes.length]) {
      const rows: Row[] = []
      for await (const { entry, content } of allOf(bytes, length)) rows.push(row(entry, content))
      expect(rows).toEqual(expected)
    }
  })

  it.skipIf(!python)("means the same to Python's tarfile", () => {
    const output = execFileSync('python3', ['-c', PYTHON, path], { maxBuffer: 64 << 20, encoding: 'utf8' })
    // Python has no slash behind a directory.
    expect(JSON.parse(output)).toEqual(
      expected.map((row) => ({ ...row, name: row.name.replace(/\/$/, ''), linkname: row.linkname })),
    )
  })

  it.skipIf(!gnuTar)('means the same to GNU tar', () => {
    const output = execFileSync(
      'tar',
      ['-tvvvf', path, '--full-time', '--numeric-owner', '--xattrs', '--quoting-style=c'],
      { env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' }, encoding: 'latin1', maxBuffer: 64 << 20 },
    )
    const seen = output
      .split('\n')
      .filter((line) => /^[-hlcbdp][-rwxsStT]{9}[* ]/.test(line))
      .map((line) => {
        const match = LINE.exec(line)
        if (match === null) throw new Error(`not understood: ${line}`)
        const [, kind, , uid, gid, sizeOrDevice, year, month, day, hour, minute, second, name, linkname] =
          match
        return {
          kind,
          uid: Number(uid),
          gid: Number(gid),
          sizeOrDevice,
          mtime:
            Date.UTC(
              Number(year),
              Number(month) - 1,
              Number(day),
              Number(hour),
              Number(minute),
              Number(second),
            ) / 1000,
          name: unquote(name!),
          linkname: unquote(linkname ?? ''),
        }
      })
    const kinds = { file: '-', hardlink: 'h', symlink: 'l', char: 'c', block: 'b', directory: 'd', fifo: 'p' }
    expect(seen).toEqual(
      made.map(({ entry }) => ({
        kind: kinds[entry.type],
        uid: entry.uid,
        gid: entry.gid,
        sizeOrDevice: /char|block/.test(entry.type)
          ? `${entry.devmajor},${entry.devminor}`
          : String(entry.size),
        mtime: entry.mtime,
        name: entry.name,
        linkname: entry.linkname,
      })),
    )
    const attributes = output.split('\n').filter((line) => line.startsWith('  x:')).length
    expect(attributes).toBe(made.reduce((sum, { entry }) => sum + entry.xattrs.size, 0))
  })

  it('means the same to tar-stream, as far as that goes', async () => {
    const parser = extract()
    parser.end(readFileSync(path))
    const rows: unknown[] = []
    for await (const part of parser) {
      const chunks: Buffer[] = []
      for await (const chunk of part) chunks.push(chunk as Buffer)
      rows.push([
        part.header.name,
        part.header.size,
        createHash('sha256').update(Buffer.concat(chunks)).digest('hex'),
      ])
    }
    // It takes names for UTF-8, and shortens a directory's by its slash in PAX only where the record has none.
    const readable = (index: number) => isUtf8Bytes(expected[index]!.name)
    expect(rows.length).toBe(expected.length)
    expect(rows.filter((_, index) => readable(index))).toEqual(
      expected
        .filter((_, index) => readable(index))
        .map(({ name, size, content }) => [toUtf8(name), size, content]),
    )
  })
})

describe.skipIf(!gnuTar)('sparse files as GNU tar writes them', () => {
  let folder: string
  let file: Buffer
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'cooperage-sparse-'))
    // Thirty islands of data: more than a header block and its first extension have room for.
    file = Buffer.alloc(4 << 20)
    for (let island = 0; island < 30; island++)
      file.fill(`island ${island} `, island * 131_072, island * 131_072 + 5000)
    writeFileSync(join(folder, 'plain'), file)
    execFileSync('cp', ['--sparse=always', join(folder, 'plain'), join(folder, 'holes')])
    execFileSync('truncate', ['-s', '1M', join(folder, 'nothing')])
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  for (const format of [
    ['--format=gnu'],
    ['--format=pax', '--sparse-version=0.0'],
    ['--format=pax', '--sparse-version=0.1'],
    ['--format=pax', '--sparse-version=1.0'],
  ]) {
    it(`are expanded exactly (${format.join(' ')})`, async () => {
      const archive = join(folder, 'sparse.tar')
      execFileSync('tar', [...format, '--sparse', '-cf', archive, '-C', folder, 'holes', 'nothing', 'plain'])
      const bytes = readFileSync(archive)
      expect(bytes.length).toBeLessThan(2 * file.length)
      const found = new Map<string, Buffer>()
      for await (const { entry, content } of allOf(bytes, 10_000)) {
        expect(content.length).toBe(entry.size)
        found.set(entry.name, content)
      }
      expect([...found.keys()]).toEqual(['holes', 'nothing', 'plain'])
      expect(found.get('holes')!.equals(file)).toBe(true)
      expect(found.get('nothing')!.equals(Buffer.alloc(1 << 20))).toBe(true)
      expect(found.get('plain')!.equals(file)).toBe(true)
      for await (const item of readTar(chunksOf(bytes, 1 << 20))) {
        for (const run of item.sparse ?? []) {
          expect(
            bytes
              .subarray(run.offset, run.offset + run.length)
              .equals(file.subarray(run.at, run.at + run.length)),
          ).toBe(true)
        }
      }
    })
  }
})

async function* allOf(bytes: Buffer, length: number): AsyncGenerator<{ entry: TarEntry; content: Buffer }> {
  for await (const item of readTar(chunksOf(bytes, length))) {
    const parts: Uint8Array[] = []
    for await (const chunk of item.content()) parts.push(Uint8Array.from(chunk))
    yield { entry: item.entry, content: Buffer.concat(parts) }
  }
}

async function* chunksOf(bytes: Buffer, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}
