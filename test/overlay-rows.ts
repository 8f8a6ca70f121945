import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { type DirectoryNode, type FileNode, openContents, type Store, type TreeNode } from '@cooperage/store'

/**
 * Mounts an overlay where only this process sees it, runs a script in it, and lists what is there then.
 * The directory must hold `upper`, `work` and `merged`; it stays as the script leaves it.
 */
export function overlayRows(
  place: string,
  lowers: readonly string[],
  script: string = ':',
): Record<string, string> {
  const names = lowers.map((lower, index) => {
    const name = `l${index}`
    symlinkSync(lower, join(place, name))
    return name
  })
  const mount =
    'mount -t overlay overlay -o "redirect_dir=nofollow,metacopy=off,index=off,lowerdir=$LOWERS,upperdir=upper,workdir=work" merged'
  const list = `find . -mindepth 1 -printf '%P\\0%y %m %U:%G %l\\0' && echo && find . -type f -exec sha256sum -z -- {} +`
  const shell = `set -e; ${mount}; cd merged; { ${script}\n} >&2; ${list}`
  const listing = execFileSync('unshare', ['-m', 'bash', '-c', shell], {
    cwd: place,
    env: { PATH: process.env.PATH ?? '', LOWERS: names.join(':'), LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 256 << 20,
  }).toString('latin1')
  const split = listing.lastIndexOf('\0\n')
  const head = split === -1 ? '' : listing.slice(0, split)
  const hashes = new Map<string, string>()
  for (const line of listing.slice(split === -1 ? 1 : split + 2).split('\0')) {
    if (line !== '') hashes.set(line.slice(line.indexOf(' ') + 4), line.slice(0, 12))
  }
  const rows: Record<string, string> = {}
  const fields = head.split('\0')
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const hash = hashes.get(fields[at]!)
    rows[fields[at]!] = `${fields[at + 1]!.trimEnd()}${hash === undefined ? '' : ` ${hash}`}`
  }
  return rows
}

const LETTERS = { file: 'f', directory: 'd', symlink: 'l', char: 'c', block: 'b', fifo: 'p' } as const

/** A tree in the same words. */
export async function treeRows(root: DirectoryNode, store: Store): Promise<Record<string, string>> {
  const rows: Record<string, string> = {}
  const visit = async (directory: DirectoryNode, prefix: string): Promise<void> => {
    for (const [name, node] of directory.children) {
      rows[prefix + name] = await row(node, store)
      if (node.type === 'directory') await visit(node, `${prefix}${name}/`)
    }
  }
  await visit(root, '')
  return rows
}

async function row(node: TreeNode, store: Store): Promise<string> {
  const { mode, uid, gid } = node.meta
  // The kernel gives links no mode of their own.
  const shown = node.type === 'symlink' ? '777' : mode.toString(8)
  const text = `${LETTERS[node.type]} ${shown} ${uid}:${gid}`
  if (node.type === 'symlink') return `${text} ${node.target}`
  return node.type === 'file' ? `${text} ${await hashOf(node, store)}` : text
}

async function hashOf(node: FileNode, store: Store): Promise<string> {
  await using contents = await openContents([node], store.blobs)
  const open = contents.open(node)
  const hash = createHash('sha256')
  const buffer = Buffer.alloc(1 << 16)
  for (let read = open.read(buffer); read > 0; read = open.read(buffer)) hash.update(buffer.subarray(0, read))
  open.close()
  return hash.digest('hex').slice(0, 12)
}
