import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import {
  type ArchiveItem,
  applyArchive,
  type DirectoryNode,
  directoryOf,
  type ImageConfig,
  readTar,
  type TreeNode,
  toUtf8,
} from '@cooperage/store'

/** Later than all that a base image holds, earlier than any step of a test. */
const LATE = 1_750_000_000
const exec = promisify(execFile)

/** What an image holds, for comparing it with another one. */
export interface ImageRows {
  readonly layers: number
  readonly config: Readonly<Record<string, unknown>>
  readonly history: readonly string[]
  /** What the layers above the first `skip` changed: a line for each path that there is, null for one that is gone. */
  readonly rows: Readonly<Record<string, string | null>>
}

/** Reads an archive as `docker save` and `type=docker` write it; the layers of the base are those that it shares. */
export async function imageRows(archive: string, base: string | undefined): Promise<ImageRows> {
  const image = await unpack(archive)
  const below = base === undefined ? undefined : await unpack(base)
  const hashes = new Map<string, string>()
  let lower: DirectoryNode = directoryOf({ mode: 0o755, uid: 0, gid: 0, mtime: 0 })
  let root = lower
  for (const [index, layer] of image.layers.entries()) {
    root = await applyLayer(root, layer, hashes)
    if (below?.diffIds[index] === image.diffIds[index]) lower = root
  }
  const old = rowsOf(lower, hashes)
  const now = rowsOf(root, hashes)
  const rows: Record<string, string | null> = {}
  for (const path of [...new Set([...Object.keys(old), ...Object.keys(now)])].sort()) {
    if (old[path] !== now[path]) rows[path] = now[path] ?? null
  }
  return { layers: image.layers.length, config: image.config, history: image.history, rows }
}

const unpacked = new Map<string, ReturnType<typeof unpackAnew>>()

/** Once: several comparisons share a base. */
function unpack(archive: string): ReturnType<typeof unpackAnew> {
  const known = unpacked.get(archive) ?? unpackAnew(archive)
  unpacked.set(archive, known)
  return known
}

async function unpackAnew(archive: string) {
  const folder = `${archive}.d`
  mkdirSync(folder, { recursive: true })
  await exec('tar', ['-xf', archive, '-C', folder])
  const json = (path: string) => JSON.parse(readFileSync(join(folder, path), 'utf8')) as unknown
  const [manifest] = json('manifest.json') as [{ Config: string; Layers: string[] }]
  const { config = {}, history = [], rootfs } = json(manifest.Config) as ImageConfig
  return {
    layers: manifest.Layers.map((layer) => join(folder, layer)),
    diffIds: rootfs.diff_ids,
    config: Object.fromEntries(Object.entries(config).filter(([, value]) => !isEmpty(value))),
    history: history.map(
      ({ created_by = '', empty_layer = false }) => `${empty_layer ? '-' : '+'} ${created_by}`,
    ),
  }
}

/** Docker's store writes fields that hold nothing. */
function isEmpty(value: unknown): boolean {
  if (value === null || value === '' || value === false) return true
  return typeof value === 'object' && Object.keys(value as object).length === 0
}

async function applyLayer(
  below: DirectoryNode,
  path: string,
  hashes: Map<string, string>,
): Promise<DirectoryNode> {
  const items: ArchiveItem[] = []
  const blob = `sha256:${createHash('sha256').update(path).digest('hex')}` as const
  for await (const item of readTar(createReadStream(path))) {
    const hash = createHash('sha256')
    for await (const chunk of item.content()) hash.update(chunk)
    hashes.set(`${blob} ${item.offset}`, hash.digest('hex').slice(0, 12))
    items.push(item)
  }
  return applyArchive(below, items, { blob, as: 'layer' })
}

function rowsOf(root: DirectoryNode, hashes: ReadonlyMap<string, string>): Record<string, string> {
  const rows: Record<string, string> = {}
  const first = new Map<TreeNode, string>()
  const visit = (directory: DirectoryNode, prefix: string): void => {
    for (const name of [...directory.children.keys()].sort()) {
      const node = directory.children.get(name)!
      const path = `${prefix}${toUtf8(name) === name ? name : printable(name)}`
      const same = node.type === 'directory' ? undefined : first.get(node)
      rows[path] = row(node, hashes) + (same === undefined ? '' : ` = ${same}`)
      if (node.type === 'directory') visit(node, `${path}/`)
      else first.set(node, same ?? path)
    }
  }
  visit(root, '/')
  return rows
}

function printable(name: string): string {
  return toUtf8(name).includes('\ufffd') ? JSON.stringify(name) : toUtf8(name)
}

function row(node: TreeNode, hashes: ReadonlyMap<string, string>): string {
  const { mode, uid, gid, mtime, xattrs } = node.meta
  // The time of a directory says when something was put into it, and a step may have done that.
  const time = node.type === 'directory' ? '' : mtime < LATE ? ` ${Math.floor(mtime)}` : ' now'
  const attributes = [...(xattrs ?? [])].map(
    ([key, value]) => ` ${key}=${Buffer.from(value).toString('hex')}`,
  )
  return `${node.type} ${mode.toString(8)} ${uid}:${gid}${time}${detail(node, hashes)}${attributes.join('')}`
}

function detail(node: TreeNode, hashes: ReadonlyMap<string, string>): string {
  if (node.type === 'symlink') return ` -> ${toUtf8(node.target)}`
  if (node.type === 'char' || node.type === 'block') return ` ${node.major},${node.minor}`
  if (node.type !== 'file' || node.content.kind !== 'blob') return ''
  return ` ${node.size} ${hashes.get(`${node.content.blob} ${node.content.offset}`)}`
}
