import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  type BlobStore,
  type DirectoryNode,
  type FileNode,
  openContents,
  parseConfig,
  parseManifest,
  plainDirectory,
  readLayer,
  type Store,
  type TreeNode,
} from '@cooperage/store'

/** A file system as text: a line for each path (bytes as latin1), the root left out. Equal rows are equal trees. */
export type Rows = Readonly<Record<string, string>>

interface Entry {
  readonly type: string
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly mtime: number
  readonly target?: string
  readonly device?: string
  readonly size?: number
  readonly digest?: string
  readonly capability?: string
  /** The same for all names of one file. */
  readonly inode?: string
}

/** Reads a tar with Python's tarfile, and a directory with its os module: neither shares code with the product. */
const READER = `
import hashlib, json, os, stat, sys, tarfile
kind, path = sys.argv[1], sys.argv[2]
CAPABILITY = 'security.capability'
rows = {}
raw = lambda text: text.encode('utf-8', 'surrogateescape').decode('latin-1')
def of_tar():
    kinds = {b'0': 'file', b'1': 'link', b'2': 'symlink', b'3': 'char', b'4': 'block', b'5': 'directory', b'6': 'fifo'}
    with tarfile.open(path, encoding='utf-8', errors='surrogateescape') as archive:
        for m in archive:
            name = raw(m.name)
            while name.startswith('./'): name = name[2:]
            if name in ('.', ''): continue
            if m.islnk():
                target = raw(m.linkname)
                while target.startswith('./'): target = target[2:]
                rows[name] = rows[target]
                continue
            row = dict(type=kinds[m.type], mode=m.mode, uid=m.uid, gid=m.gid, mtime=int(m.mtime // 1))
            if m.issym(): row['target'] = raw(m.linkname)
            if m.isfile():
                row['digest'] = hashlib.sha256(archive.extractfile(m).read()).hexdigest()
                row['size'] = m.size
                row['inode'] = name
            if m.ischr() or m.isblk(): row['device'] = '%d,%d' % (m.devmajor, m.devminor)
            value = m.pax_headers.get('SCHILY.xattr.' + CAPABILITY)
            if value is not None: row['capability'] = value.encode('utf-8', 'surrogateescape').hex()
            rows[name] = row
def of_directory():
    kinds = {stat.S_IFREG: 'file', stat.S_IFDIR: 'directory', stat.S_IFLNK: 'symlink', stat.S_IFIFO: 'fifo',
             stat.S_IFSOCK: 'socket', stat.S_IFCHR: 'char', stat.S_IFBLK: 'block'}
    base = os.fsencode(path)
    for where, directories, files in os.walk(base):
        for name in directories + files:
            full = os.path.join(where, name)
            info = os.lstat(full)
            row = dict(type=kinds[stat.S_IFMT(info.st_mode)], mode=stat.S_IMODE(info.st_mode), uid=info.st_uid,
                       gid=info.st_gid, mtime=info.st_mtime_ns // 10**9)
            if row['type'] == 'symlink': row['target'] = os.readlink(full).decode('latin-1')
            if row['type'] == 'file':
                with open(full, 'rb') as content: row['digest'] = hashlib.sha256(content.read()).hexdigest()
                row['size'] = info.st_size
                row['inode'] = '%d %d' % (info.st_dev, info.st_ino)
            if row['type'] in ('char', 'block'): row['device'] = '%d,%d' % (os.major(info.st_rdev), os.minor(info.st_rdev))
            try: row['capability'] = os.getxattr(full, CAPABILITY, follow_symlinks=False).hex()
            except OSError: pass
            rows[os.path.relpath(full, base).decode('latin-1')] = row
of_tar() if kind == 'tar' else of_directory()
print(json.dumps(rows))
`

/** What Python finds in a tar archive. */
export function rowsOfTar(path: string): Rows {
  return read('tar', path)
}

/** What Python finds in a directory. */
export function rowsOfDirectory(path: string): Rows {
  return read('directory', path)
}

function read(kind: string, path: string): Rows {
  const output = execFileSync('python3', ['-c', READER, kind, path], { maxBuffer: 256 << 20 })
  return asRows(new Map(Object.entries(JSON.parse(output.toString()) as Record<string, Entry>)))
}

/** What the store says that a named image's tree is. */
export async function rowsOfImage(store: Store, name: string): Promise<Rows> {
  const ref = await store.refs.get(name)
  if (ref === undefined) throw new Error(`${name} is not in the store`)
  const manifest = parseManifest(await store.blobs.readAll(ref.descriptor.digest as never, 4 << 20))
  const config = parseConfig(await store.blobs.readAll(manifest.config.digest as never, 4 << 20))
  let tree = plainDirectory(0)
  for (const diffId of config.rootfs.diff_ids) {
    tree = await readLayer(tree, { diffId: diffId as never, blobs: store.blobs })
  }
  return rowsOfTree(tree, store.blobs)
}

/** A tree of the product as rows. */
async function rowsOfTree(tree: DirectoryNode, blobs: BlobStore): Promise<Rows> {
  const found = new Map<string, TreeNode>()
  const visit = (directory: DirectoryNode, prefix: string): void => {
    for (const [name, node] of directory.children) {
      found.set(prefix + name, node)
      if (node.type === 'directory') visit(node, `${prefix}${name}/`)
    }
  }
  visit(tree, '')
  const files = [...found.values()].filter((node): node is FileNode => node.type === 'file')
  await using contents = await openContents(files, blobs)
  const inodes = new Map<TreeNode, string>()
  const entries = new Map<string, Entry>()
  for (const [path, node] of found) {
    const capability = node.meta.xattrs?.get('security.capability')
    if (!inodes.has(node)) inodes.set(node, path)
    entries.set(path, {
      type: node.type,
      mode: node.meta.mode,
      uid: node.meta.uid,
      gid: node.meta.gid,
      mtime: Math.floor(node.meta.mtime),
      ...(node.type === 'symlink' && { target: node.target }),
      ...((node.type === 'char' || node.type === 'block') && { device: `${node.major},${node.minor}` }),
      ...(node.type === 'file' && { size: node.size, inode: inodes.get(node)!, digest: digest(node) }),
      ...(capability !== undefined && { capability: Buffer.from(capability).toString('hex') }),
    })
  }
  return asRows(entries)

  function digest(node: FileNode): string {
    const hash = createHash('sha256')
    const content = contents.open(node)
    const chunk = Buffer.alloc(1 << 20)
    for (let left = node.size; left > 0; ) {
      const length = content.read(chunk)
      hash.update(chunk.subarray(0, length))
      left -= length
    }
    content.close()
    return hash.digest('hex')
  }
}

/** Rows without these paths and what lies below them. */
export function without(rows: Rows, paths: readonly string[]): Rows {
  const kept = Object.entries(rows).filter(
    ([path]) => !paths.some((one) => path === one || path.startsWith(`${one}/`)),
  )
  return Object.fromEntries(kept)
}

function asRows(entries: ReadonlyMap<string, Entry>): Rows {
  const groups = new Map<string, string[]>()
  for (const [path, { inode }] of entries) {
    if (inode === undefined) continue
    const group = groups.get(inode)
    if (group === undefined) groups.set(inode, [path])
    else group.push(path)
  }
  const rows: Record<string, string> = {}
  for (const [path, entry] of [...entries].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const group = entry.inode === undefined ? [] : groups.get(entry.inode)!
    // Linux gives a symbolic link the mode 0777 whatever an archive says.
    const mode = entry.type === 'symlink' ? 0o777 : entry.mode
    rows[path] = [
      entry.type,
      mode.toString(8).padStart(4, '0'),
      `${entry.uid}:${entry.gid}`,
      entry.mtime,
      ...(entry.target === undefined ? [] : [`-> ${entry.target}`]),
      ...(entry.device === undefined ? [] : [entry.device]),
      ...(entry.digest === undefined ? [] : [`${entry.size} ${entry.digest.slice(0, 16)}`]),
      ...(group.length > 1 ? [`same file: ${[...group].sort().join(' ')}`] : []),
      ...(entry.capability === undefined ? [] : [`capability ${entry.capability}`]),
    ].join(' ')
  }
  return rows
}
