import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type Spec, tarOf } from '../tar-of.js'
import { type ContextEntry, LATE, OLD, type ParityCase } from './parity-case.js'

const ARCHIVE: readonly Spec[] = [
  { name: 'in/', mode: 0o711, uid: 11, gid: 12, mtime: 1_550_000_000 },
  { name: 'in/file', content: 'in an archive\n', mode: 0o600, uid: 13, gid: 14, mtime: 1_550_000_001 },
  { name: 'in/link', type: 'symlink', linkname: 'file', mode: 0o777 },
  {
    name: 'in/hard',
    type: 'hardlink',
    linkname: 'in/file',
    mode: 0o600,
    uid: 13,
    gid: 14,
    mtime: 1_550_000_001,
  },
  { name: 'implied/parent/file', content: 'x' },
]

const PASSWD = `root:x:0:0:root:/root:/bin/sh
alice:x:1000:1001::/home/alice:/bin/sh
bob:x:2000:50::/home/bob:/bin/sh
7:x:77:78::/:/bin/sh
`
const GROUP = 'root:x:0:\nstaff:x:50:alice\nalice:x:1001:\n8:x:88:\n'

/** The context that all cases have. */
const SHARED: Readonly<Record<string, ContextEntry>> = {
  a: 'a\n',
  b: 'b\n',
  'c.txt': 'c.txt\n',
  'n.txt': 'n.txt\n',
  'with blank': 'with blank\n',
  '[odd]': 'odd\n',
  late: { content: 'later than the epoch\n', mtime: LATE },
  half: { content: 'between two seconds\n', mtime: OLD + 0.5 },
  'd/f': 'd/f\n',
  'd/sub/g': 'd/sub/g\n',
  'e/f': 'e/f\n',
  'e/h': 'e/h\n',
  'etc/passwd': PASSWD,
  'etc/group': GROUP,
  'modes/suid': { content: 'x', mode: 0o4755 },
  'modes/none': { content: 'x', mode: 0 },
  'modes/sub/inner': { content: 'x', mode: 0o600 },
  'modes/hollow': { directory: true, mode: 0o1777 },
  'modes/sub': { directory: true, mode: 0o2770 },
  modes: { directory: true, mode: 0o750 },
  empty: { directory: true },
  'hard/one': 'one file\n',
  'hard/two': { hard: 'hard/one' },
  'over/to-a': 'over to-a\n',
  'over/dangling': 'over dangling\n',
  'tolink/sub': { link: '/a/d' },
  'links/to-a': { link: '../a' },
  'links/to-d': { link: '../d' },
  'links/dangling': { link: 'nowhere' },
  'links/absolute': { link: '/a/d' },
  'links/file-link': { link: '/links-target' },
  'archive.tar': tarOf(ARCHIVE),
  'archive.tgz': gzipSync(tarOf(ARCHIVE)),
}

/** Writes the context of a case. The times of what is in it do not depend on the clock. */
export function makeContext(root: string, one: ParityCase): void {
  const shadowed = Object.keys(one.files ?? {})
  const isShadowed = (path: string) => shadowed.some((own) => path === own || path.startsWith(`${own}/`))
  const shared = Object.entries(SHARED).filter(([path]) => !isShadowed(path))
  const entries: [string, ContextEntry][] = [...shared, ...Object.entries(one.files ?? {})]
  mkdirSync(root, { recursive: true })
  for (const [path, entry] of entries) write(join(root, path), root, entry)
  writeFileSync(join(root, 'Dockerfile'), one.dockerfile)
  chmodSync(join(root, 'Dockerfile'), 0o644)
  if (one.ignore !== undefined) {
    writeFileSync(join(root, '.dockerignore'), one.ignore)
    chmodSync(join(root, '.dockerignore'), 0o644)
  }
  const times = new Map(entries.map(([path, entry]) => [join(root, path), timeOf(entry)]))
  for (const { name, parentPath } of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const path = join(parentPath, name)
    const time = times.get(path) ?? OLD
    lutimesSync(path, time, time)
  }
  utimesSync(root, OLD, OLD)
  for (const [path, entry] of entries) {
    if (isDescribed(entry) && entry.mode !== undefined) chmodSync(join(root, path), entry.mode)
  }
}

type Described = Exclude<ContextEntry, string | Uint8Array>

function isDescribed(entry: ContextEntry): entry is Described {
  return typeof entry === 'object' && !(entry instanceof Uint8Array)
}

function timeOf(entry: ContextEntry): number {
  return isDescribed(entry) ? (entry.mtime ?? OLD) : OLD
}

function write(path: string, root: string, entry: ContextEntry): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 })
  const described: Described = isDescribed(entry) ? entry : { content: entry }
  if (described.directory) mkdirSync(path, { recursive: true, mode: 0o755 })
  else if (described.link !== undefined) symlinkSync(described.link, path)
  else if (described.hard !== undefined) linkSync(join(root, described.hard), path)
  else if (described.fifo) execFileSync('mkfifo', ['-m', '644', path])
  else {
    writeFileSync(path, described.content ?? '')
    chmodSync(path, described.mode ?? 0o644)
  }
}
