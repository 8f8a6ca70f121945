import { gzipSync } from 'node:zlib'
import { type Spec, tarOf } from '../tar-of.js'
import type { ContextEntry, ParityCase } from './parity-case.js'

const T = 1_550_000_000

interface Unpacked extends Partial<Omit<ParityCase, 'dockerfile'>> {
  /** What follows FROM. */
  readonly steps?: string
  readonly files?: Readonly<Record<string, ContextEntry>>
}

const tar = (name: string, specs: readonly Spec[], how: string | Unpacked = {}): ParityCase => {
  const { steps = 'ADD x.tar /x/', files = {}, ...more } = typeof how === 'string' ? { steps: how } : how
  return {
    ...more,
    name: `selection: an archive, ${name}`,
    dockerfile: `FROM scratch\n${steps}\n`,
    files: { 'x.tar': tarOf(specs.map((one) => ({ mtime: T, ...one }))), ...files },
  }
}

/** Archives as few tools write them, and where ADD puts what is in them. */
export const UNPACKING_CASES: readonly ParityCase[] = [
  tar('sticky and other bits', [
    { name: 's/', mode: 0o1777 },
    { name: 's/f', mode: 0o6711, content: '1' },
    { name: 's/g/', mode: 0o2775 },
  ]),
  tar('a hard link before its file', [
    { name: 'b', type: 'hardlink', linkname: 'a' },
    { name: 'a', content: '1' },
  ]),
  tar(
    'a hard link out of the archive',
    [{ name: 'b', type: 'hardlink', linkname: '/etc/passwd' }],
    'COPY etc /etc\nADD x.tar /x/',
  ),
  tar('a hard link to a folder', [{ name: 'd/' }, { name: 'b', type: 'hardlink', linkname: 'd' }]),
  tar('a hard link over a file', [
    { name: 'a', content: '1' },
    { name: 'b', content: '2' },
    { name: 'b', type: 'hardlink', linkname: 'a' },
  ]),
  tar('a hard link whose file is then replaced', [
    { name: 'a', content: '1' },
    { name: 'b', type: 'hardlink', linkname: 'a' },
    { name: 'a', content: '3' },
  ]),
  tar(
    'hard links as of another layer',
    [{ name: 'b', type: 'hardlink', linkname: 'a' }],
    'COPY a /x/\nADD x.tar /x/',
  ),
  tar('names that lead up', [{ name: '../a', content: '1' }], 'ADD x.tar /x/y/'),
  tar('names that lead up and down', [{ name: 'd/../a', content: '1' }], {
    steps: 'ADD x.tar /x/y/',
    apart: { parts: ['outcome'], why: 'names with .. are refused here, wherever they lead' },
  }),
  tar(
    'a link up and a file through it',
    [
      { name: 'l', type: 'symlink', linkname: '../..' },
      { name: 'l/a', content: '1' },
    ],
    {
      steps: 'ADD x.tar /x/y/',
      apart: { parts: ['outcome'], why: 'newer readers refuse what ours keeps inside' },
    },
  ),
  tar(
    'an absolute link and a file through it, at the root',
    [
      { name: 'l', type: 'symlink', linkname: '/' },
      { name: 'l/a', content: '1' },
    ],
    'ADD x.tar /x/y/',
  ),
  tar(
    'a link to nothing and a file through it',
    [
      { name: 'l', type: 'symlink', linkname: 'nowhere' },
      { name: 'l/a', content: '1' },
    ],
    {
      steps: 'ADD x.tar /x/',
      apart: { parts: ['outcome'], why: 'nothing is made behind a link to nothing here' },
    },
  ),
  tar('a file and a file through it', [
    { name: 'l', content: '1' },
    { name: 'l/a', content: '1' },
  ]),
  tar(
    'a link over a folder',
    [{ name: 'd/' }, { name: 'd/f', content: '1' }, { name: 'd', type: 'symlink', linkname: 'e' }],
    {
      steps: 'ADD x.tar /x/',
      apart: { parts: ['outcome'], why: 'BuildKit sets the time of a folder that is no more' },
    },
  ),
  tar('a folder over a link', [
    { name: 'd', type: 'symlink', linkname: 'e' },
    { name: 'd/' },
    { name: 'd/f', content: '1' },
  ]),
  tar('a folder over a file', [{ name: 'd', content: '1' }, { name: 'd/' }, { name: 'd/f', content: '1' }]),
  tar('a device over a file', [
    { name: 'd', content: '1' },
    { name: 'd', type: 'char', devmajor: 1, devminor: 3 },
  ]),
  tar('a dot alone', [{ name: './' }]),
  tar('a dot with an owner and a mode', [
    { name: '.', type: 'directory', uid: 7, mode: 0o700 },
    { name: 'f', content: '1' },
  ]),
  tar(
    'a dot, into a folder that is there',
    [
      { name: './', uid: 7, mode: 0o700 },
      { name: './f', content: '1' },
    ],
    'COPY d /x\nADD x.tar /x',
  ),
  tar(
    'a dot, into the root',
    [
      { name: './', uid: 7, mode: 0o700 },
      { name: './f', content: '1' },
    ],
    'ADD x.tar /',
  ),
  tar('folders with and without a slash', [
    { name: 'd', type: 'directory', mode: 0o711 },
    { name: 'd/f', content: '1' },
  ]),
  tar('a folder of a late time', [
    { name: 'd/', mtime: 1_700_000_000 },
    { name: 'd/f', content: '1' },
  ]),
  tar('negative and large times', [
    { name: 'a', content: '1', mtime: -5 },
    { name: 'b', content: '1', mtime: 0.25 },
    { name: 'c', content: '1', mtime: 4_000_000_000 },
  ]),
  tar('large numbers of owners', [
    { name: 'a', content: '1', uid: 2_097_151, gid: 2_097_152 },
    { name: 'b', content: '1', uid: 65_534 },
  ]),
  tar('a name of 100 and more', [
    { name: 'n'.repeat(100), content: '1' },
    { name: `${'d'.repeat(150)}/${'e'.repeat(101)}`, content: '2' },
    { name: 'n'.repeat(255), content: '3' },
  ]),
  tar('a name that is too long', [{ name: 'n'.repeat(256), content: '1' }]),
  tar('an empty name of a link', [{ name: 'l', type: 'symlink', linkname: '' }]),
  tar('a link with slashes and dots', [{ name: 'l', type: 'symlink', linkname: 'a//./b/../c/' }]),
  tar('attributes of many kinds', [
    {
      name: 'a',
      content: '1',
      xattrs: new Map([
        ['user.k', Buffer.from('v')],
        ['security.capability', Buffer.from('0100000200040000000000000000000000000000', 'hex')],
        ['trusted.t', Buffer.from('w')],
      ]),
    },
  ]),
  tar('whiteouts of a folder', [{ name: 'd/' }, { name: 'd/.wh..wh..opq' }], {
    steps: 'ADD x.tar /x/',
    apart: { parts: ['outcome'], why: 'in the image it would hide other files in place of being one' },
  }),
  tar('twice into one folder', [{ name: 'a', content: '1' }], 'ADD x.tar x.tar /x/\nADD x.tar /x/'),
  tar('by a wildcard that meets others', [{ name: 'a', content: '1' }], 'ADD x.* c.* /x/'),
  tar('to a name that is a file', [{ name: 'a', content: '1' }], 'COPY a /x\nADD x.tar /x'),
  tar('to a name without a slash', [{ name: 'a', content: '1' }], 'ADD x.tar /x'),
  tar('to a link', [{ name: 'a', content: '1' }], 'COPY links /l\nCOPY d /d\nADD x.tar /l/to-d'),
  tar('to a dangling link', [{ name: 'a', content: '1' }], 'COPY links /l\nADD x.tar /l/dangling'),
  tar(
    'with an owner, over what is there',
    [
      { name: 'd/', uid: 3 },
      { name: 'd/f', content: '1', uid: 4 },
    ],
    'COPY --chown=9 d /x/d\nADD --chown=5:6 x.tar /x/',
  ),
  tar('with a group alone', [{ name: 'f', content: '1', uid: 4, gid: 4 }], 'ADD --chown=:6 x.tar /x/'),
  tar('in a folder', [{ name: 'f', content: '1' }], {
    steps: 'ADD t /x/',
    files: { 't/y.tar': tarOf([{ name: 'f', content: '1' }]) },
  }),
  tar(
    'from an own layer that is not unpacked',
    [{ name: 'f', content: '1' }],
    'ADD --link --unpack=false x.tar /x/',
  ),
  tar('unpacked in words', [{ name: 'f', content: '1' }], 'ADD --unpack x.tar a /x/'),
  tar('unpacked, of a file that is none', [{ name: 'f', content: '1' }], 'ADD --unpack=true a /x/'),
  tar('not unpacked, of two', [{ name: 'f', content: '1' }], 'ADD --unpack=false x.tar archive.tgz /x/'),
  tar('twice compressed', [{ name: 'f', content: '1' }], {
    steps: 'ADD y.tgz /x/',
    files: { 'y.tgz': gzipSync(gzipSync(tarOf([{ name: 'f', content: '1', mtime: T }]))) },
  }),
  tar('of two members of gzip', [{ name: 'f', content: '1' }], {
    steps: 'ADD y.tgz /x/',
    files: {
      'y.tgz': Buffer.concat([
        gzipSync(tarOf([{ name: 'f', content: '1', mtime: T }]).subarray(0, 1024)),
        gzipSync(tarOf([{ name: 'f', content: '1', mtime: T }]).subarray(1024)),
      ]),
    },
  }),
]
