import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import {
  type ArchiveItem,
  applyArchive,
  type DirectoryNode,
  digestOf,
  directoryOf,
  fromBuffer,
  fromUtf8,
  isCooperageError,
  readTar,
  type TreeNode,
} from '@cooperage/store'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sharedPath } from './shared.js'

const tool = sharedPath('tools/fixtures')
/** Larger members are judged by size alone. */
const MAX_MEMBER = 64 << 20

interface Verdict {
  readonly verdict: 'reject' | 'apply' | 'either'
  readonly tree?: Readonly<Record<string, string>>
}

describe.skipIf(tool === undefined)('archives made to do harm', () => {
  let folder = ''
  let lower: DirectoryNode
  const contents = new Map<string, Uint8Array>()

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hostile-'))
    execFileSync(tool!, ['hostile', join(folder, 'f'), '--scale', '0.05'], { stdio: 'ignore' })
    const bytes = readFileSync(join(folder, 'f/lower.tar'))
    contents.set(digestOf(bytes), bytes)
    lower = await apply(directoryOf({ mode: 0o755, uid: 0, gid: 0, mtime: 0 }), bytes, 'layer')
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  for (const as of ['layer', 'archive'] as const) {
    it(`are applied as a${as === 'layer' ? ' layer' : 'n archive'} or refused, as each one's expectation says`, async () => {
      const wrong: string[] = []
      const names = readdirSync(join(folder, 'f')).filter((name) => name.endsWith('.expected.json'))
      expect(names.length).toBeGreaterThan(200)
      for (const name of names) {
        const stem = name.slice(0, -'.expected.json'.length)
        const expected = JSON.parse(readFileSync(join(folder, 'f', name), 'utf8'))
        const verdict: Verdict = as === 'layer' ? expected.layer : expected.context
        const problem = await judge(stem, verdict, as)
        if (problem !== undefined) wrong.push(`${stem}: ${problem}`)
      }
      expect(wrong).toEqual([])
    })
  }

  async function judge(stem: string, verdict: Verdict, as: 'layer' | 'archive'): Promise<string | undefined> {
    const bytes = archiveBytes(stem)
    // That no bytes at all are no context is for the context to say.
    if (bytes === undefined || (bytes.length === 0 && as === 'archive')) return undefined
    contents.set(digestOf(bytes), bytes)
    let tree: DirectoryNode
    try {
      const below = as === 'layer' ? lower : directoryOf({ mode: 0o755, uid: 0, gid: 0, mtime: 0 })
      tree = await apply(below, bytes, as)
    } catch (error) {
      if (!isCooperageError(error)) return `untyped error ${String(error)}`
      return verdict.verdict === 'apply' ? `refused: ${error.code} ${error.message}` : undefined
    }
    if (verdict.verdict === 'reject') return 'was not refused'
    for (const [path, wanted] of Object.entries(verdict.tree ?? {})) {
      const found = show(tree, path)
      if (!matches(tree, found, wanted))
        return `${path} is ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`
    }
    return undefined
  }

  /** Archives that are about compression belong to another test. */
  function archiveBytes(stem: string): Uint8Array | undefined {
    const path = join(folder, 'f', stem)
    try {
      return readFileSync(`${path}.tar`)
    } catch {
      if (/trailing|truncated|crc|bomb/.test(stem)) return undefined
      return gunzipSync(readFileSync(`${path}.tar.gz`))
    }
  }

  async function apply(
    below: DirectoryNode,
    bytes: Uint8Array,
    as: 'layer' | 'archive',
  ): Promise<DirectoryNode> {
    const items: ArchiveItem[] = []
    const source = (async function* () {
      for (let at = 0; at < bytes.length; at += 65536) yield bytes.subarray(at, at + 65536)
    })()
    for await (const item of readTar(source, { trailing: as === 'layer' ? 'accept' : 'reject' }))
      items.push(item)
    return applyArchive(below, items, { blob: digestOf(bytes), as })
  }

  function show(tree: DirectoryNode, path: string): string {
    const name = path.startsWith('hex:') ? fromBuffer(Buffer.from(path.slice(4), 'hex')) : fromUtf8(path)
    const node = lookUp(tree, name)
    if (node === undefined) return 'absent'
    switch (node.type) {
      case 'directory':
        return 'dir'
      case 'file': {
        if (node.size > MAX_MEMBER || node.content.kind !== 'blob') return `file-size:${node.size}`
        const bytes = contents.get(node.content.blob)!
        const at = node.content.offset
        return `file:${Buffer.from(bytes.subarray(at, at + node.size)).toString('latin1')}`
      }
      case 'symlink':
        return `symlink:${node.target}`
      case 'char':
      case 'block':
        return `${node.type}:${node.major},${node.minor}`
      case 'fifo':
        return 'fifo'
    }
  }

  function lookUp(tree: DirectoryNode, path: string): TreeNode | undefined {
    let node: TreeNode | undefined = tree
    for (const name of path.split('/'))
      node = node?.type === 'directory' ? node.children.get(name) : undefined
    return node
  }

  function matches(tree: DirectoryNode, found: string, wanted: string): boolean {
    if (wanted.startsWith('hardlink:')) return show(tree, wanted.slice(9)) === found
    if (wanted.startsWith('file-size:') && found.startsWith('file:'))
      return found.length - 5 === Number(wanted.slice(10))
    return found === wanted
  }
})
