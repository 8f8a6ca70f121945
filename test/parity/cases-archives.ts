import { execFileSync } from 'node:child_process'
import { gzipSync } from 'node:zlib'
import { type Spec, tarOf } from '../tar-of.js'
import type { ContextEntry, ParityCase } from './parity-case.js'

const T = 1_550_000_000
const file = (name: string, more: Partial<Spec> = {}): Spec => ({
  name,
  content: `${name}\n`,
  mtime: T,
  ...more,
})
const folder = (name: string, more: Partial<Spec> = {}): Spec => ({ name, mtime: T, ...more })
const symlink = (name: string, linkname: string, more: Partial<Spec> = {}): Spec => ({
  name,
  type: 'symlink',
  linkname,
  mode: 0o777,
  mtime: T,
  ...more,
})
const hard = (name: string, linkname: string, more: Partial<Spec> = {}): Spec => ({
  name,
  type: 'hardlink',
  linkname,
  mtime: T,
  ...more,
})

/** `more`: the Dockerfile alone, or also what else differs from the usual. */
const adds = (
  name: string,
  specs: readonly Spec[] | Uint8Array,
  more: string | Partial<ParityCase> = {},
): ParityCase => {
  const other: Partial<ParityCase> = typeof more === 'string' ? { dockerfile: more } : more
  const archive = specs instanceof Uint8Array ? specs : tarOf(specs)
  return {
    dockerfile: 'FROM scratch\nADD x.tar /x/\n',
    ...other,
    name: `an archive: ${name}`,
    files: { 'x.tar': archive, ...(other.files ?? {}) },
  }
}

const CAPABILITY = Buffer.from('0100000200040000000000000000000000000000', 'hex')
const pax = (key: string, value: Uint8Array) => ({ xattrs: new Map([[key, value]]) })

const compressed = (name: string, bytes: Uint8Array, dockerfile: string): ParityCase => ({
  name,
  dockerfile,
  files: { 'x.bin': bytes } as Readonly<Record<string, ContextEntry>>,
})
const zstd = (bytes: Uint8Array) => execFileSync('zstd', ['-q', '-c'], { input: bytes })

/** ADD of local archives: what is taken apart, and what every sort of entry becomes. */
export const ARCHIVE_CASES: readonly ParityCase[] = [
  adds('files and folders', [folder('f/'), file('f/a'), file('b', { mode: 0o600 })]),
  adds('no folder is named', [file('p/q/r/s')]),
  adds('a folder after what it holds', [file('f/a'), folder('f/', { mode: 0o700, uid: 5, mtime: T - 5 })]),
  adds('a folder twice', [
    folder('f/', { mode: 0o700 }),
    file('f/a'),
    folder('f/', { mode: 0o755, mtime: T - 7 }),
  ]),
  adds('a file twice', [file('a'), file('a', { content: 'second\n', mode: 0o600 })]),
  adds('a file, then a folder of its name', [file('a'), folder('a/'), file('a/b')]),
  adds('a folder, then a file of its name', [folder('a/'), file('a/b'), file('a')]),
  adds('the root itself', [folder('./', { mode: 0o700, uid: 9, mtime: T - 9 }), file('./a')]),
  adds('names with dots', [file('./a/./b'), file('a//c')]),
  adds('absolute names', [file('/abs/a'), folder('/abs/d/')], {
    apart: {
      parts: ['outcome'],
      why: 'what starts at the root of a machine is refused, as what leads up is',
    },
  }),
  adds('a link and a file through it', [folder('real/'), symlink('ln', 'real'), file('ln/a')]),
  adds('an absolute link and a file through it', [folder('real/'), symlink('ln', '/real'), file('ln/a')]),
  adds('a link that leads up', [symlink('ln', '../../up'), file('a')]),
  adds('a link that leads nowhere', [symlink('ln', 'nowhere'), symlink('ln2', '/no/where')]),
  adds('a link over a link', [symlink('ln', 'a'), symlink('ln', 'b')]),
  adds('a file over a link', [symlink('ln', 'a'), file('a'), file('ln')]),
  adds('a folder over a link to a folder', [
    folder('real/'),
    symlink('ln', 'real'),
    folder('ln/', { mode: 0o700 }),
    file('ln/a'),
  ]),
  adds('hard links', [file('a', { uid: 3 }), hard('b', 'a', { uid: 3 }), hard('c', 'b', { uid: 3 })]),
  adds('a hard link of another mode and owner', [
    file('a', { mode: 0o600 }),
    hard('b', 'a', { mode: 0o755, uid: 4, mtime: T + 5 }),
  ]),
  adds('a hard link in a folder', [folder('d/'), file('d/a'), hard('d/b', 'd/a'), hard('c', './d/a')]),
  adds('a hard link to a link', [symlink('ln', 'a'), hard('b', 'ln'), file('a')]),
  adds('a hard link to nothing', [hard('b', 'nothing')]),
  adds('a hard link to what the stage has', [hard('b', 'f')], 'FROM scratch\nCOPY d /x/\nADD x.tar /x/\n'),
  adds('a fifo', [{ name: 'p', type: 'fifo', mtime: T, mode: 0o640 }, file('a')]),
  adds('devices', [
    { name: 'null', type: 'char', devmajor: 1, devminor: 3, mtime: T, mode: 0o666 },
    { name: 'disk', type: 'block', devmajor: 7, devminor: 300, mtime: T, mode: 0o660, gid: 6 },
  ]),
  adds('owners and special modes', [
    file('suid', { mode: 0o4755, uid: 1000, gid: 1000 }),
    file('none', { mode: 0 }),
    folder('sticky/', { mode: 0o1777 }),
    folder('sgid/', { mode: 0o2775, gid: 50 }),
    file('big', { uid: 3_000_000, gid: 70_000 }),
  ]),
  adds(
    'names of owners',
    [file('a', { uid: 5, gid: 6, uname: 'alice', gname: 'staff' })],
    'FROM scratch\nCOPY etc /etc\nADD x.tar /x/\n',
  ),
  adds('times with a fraction, of 1970, and late', [
    file('half', { mtime: T + 0.75 }),
    file('zero', { mtime: 0 }),
    file('late', { mtime: 1_700_000_000 }),
    folder('lates/', { mtime: 1_700_000_000 }),
  ]),
  adds('capabilities', [file('cap', pax('security.capability', CAPABILITY))]),
  adds('attributes of a user', [file('user', pax('user.mine', Buffer.from('value'))), file('plain')]),
  adds('long names', [file(`${'n'.repeat(120)}/${'m'.repeat(200)}`), symlink('ln', `${'t'.repeat(150)}`)]),
  adds('names of other scripts', [file('größe'), file('名前/файл'), symlink('ссылка', 'größe')]),
  adds('an empty archive', []),
  adds(
    'into a folder that exists',
    [folder('d/', { mode: 0o711 }), file('d/new'), file('d/f')],
    'FROM scratch\nCOPY d /x/d\nADD x.tar /x/\n',
  ),
  adds('over a folder', [file('d')], 'FROM scratch\nCOPY d /x/d\nADD x.tar /x/\n'),
  adds(
    'over a link to a folder',
    [folder('l/'), file('l/a')],
    'FROM scratch\nCOPY d /x/real\nCOPY links /x/l0\nADD x.tar /x/\n',
  ),
  adds(
    'through a link of the stage',
    [file('to-d/new')],
    'FROM scratch\nCOPY links /l\nCOPY d /d\nADD x.tar /l/\n',
  ),
  adds('into the root', [folder('f/'), file('f/a')], 'FROM scratch\nADD x.tar /\n'),
  adds(
    'into the working directory',
    [file('a')],
    'FROM scratch\nWORKDIR /w\nADD x.tar .\nADD x.tar sub/dir\n',
  ),
  adds(
    'through a destination link',
    [file('a')],
    'FROM scratch\nCOPY links /l\nCOPY d /a/d\nADD x.tar /l/absolute\n',
  ),
  adds(
    'with an owner',
    [folder('f/'), file('f/a', { uid: 4 }), file('i/j'), symlink('ln', 'f')],
    'FROM scratch\nADD --chown=5:6 x.tar /x/\n',
  ),
  adds(
    'with an owner by name',
    [file('f/a', { uid: 4 })],
    'FROM scratch\nCOPY etc /etc\nADD --chown=alice x.tar /x/\n',
  ),
  adds('with a mode', [file('a')], 'FROM scratch\nADD --chmod=600 x.tar /x/y/\n'),
  adds('as its own layer', [file('a')], 'FROM scratch\nCOPY d /x\nADD --link x.tar /x/\n'),
  adds('not unpacked', [file('a')], 'FROM scratch\nADD --unpack=false x.tar /x/\n'),
  adds('unpacked when said so', [file('a')], 'FROM scratch\nADD --unpack=true x.tar /x/\n'),
  adds('unpacked, and a file beside it', [file('a')], 'FROM scratch\nADD x.tar a /x/\n'),
  adds('two by a wildcard', [file('a')], {
    dockerfile: 'FROM scratch\nADD *.tar /x/\n',
    files: { 'y.tar': tarOf([file('b'), file('a', { content: 'of y\n' })]) },
  }),
  adds('a name of a whiteout is refused here', [file('.wh.a')], {
    apart: { parts: ['outcome'], why: 'in the image it would hide a file in place of being one' },
  }),
  adds('by a link to it', [file('a')], {
    dockerfile: 'FROM scratch\nADD ln.tar /x/\n',
    files: { 'ln.tar': { link: 'x.tar' } },
  }),
  adds('copied, not added', [file('a')], 'FROM scratch\nCOPY x.tar /x/\n'),
  adds('cut off', tarOf([file('a'), file('b', { content: 'x'.repeat(2000) })]).subarray(0, 1500)),
  adds('only zeros', new Uint8Array(10_240)),
  adds('the first header alone', tarOf([file('a', { content: 'x'.repeat(600) })]).subarray(0, 512)),
  adds('a header with a wrong sum', Buffer.from(tarOf([file('a')])).fill('7', 148, 154)),
  adds('bytes after its end', Buffer.concat([tarOf([file('a')]), Buffer.from('rubbish')])),
  compressed(
    'a tar in gzip under another name',
    gzipSync(tarOf([file('a')])),
    'FROM scratch\nADD x.bin /x/\n',
  ),
  {
    ...compressed('a tar in zstd', zstd(tarOf([file('a')])), 'FROM scratch\nADD x.bin /x/\n'),
    needs: 'zstd',
  },
  compressed('gzip without a tar', gzipSync('no tar\n'), 'FROM scratch\nADD x.bin /x/\n'),
  compressed('an empty gzip', gzipSync(''), 'FROM scratch\nADD x.bin /x/\n'),
  compressed(
    'a gzip that is cut off',
    gzipSync(tarOf([file('a')])).subarray(0, 60),
    'FROM scratch\nADD x.bin /x/\n',
  ),
  compressed('an empty file', Buffer.alloc(0), 'FROM scratch\nADD x.bin /x/\n'),
  compressed('a short file', Buffer.from('x'), 'FROM scratch\nADD x.bin /x\n'),
]
