import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DirectoryNode, fromUtf8, type TreeNode } from '@cooperage/store'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { directory } from '../packages/builder/src/context/directory.js'
import { readHostFileSync } from '../packages/builder/src/context/open-host-file.js'
import { differences } from './golden.js'
import { sharedPath } from './shared.js'

type Name = string | { readonly b64: string }

interface Expected {
  readonly path: Name
  readonly type: string
  readonly mode: string
  readonly mtime_ns: string
  readonly size?: number
  readonly sha256?: string
  readonly link?: Name
  readonly hardlink_group?: number
}

const tool = sharedPath('tools/fixtures')
let place: string

beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'context-links-'))
  if (tool) execFileSync(tool, ['links', place])
})
afterAll(() => {
  rmSync(place, { recursive: true, force: true })
})

const bytes = (name: Name) =>
  typeof name === 'string' ? fromUtf8(name) : Buffer.from(name.b64, 'base64').toString('latin1')

/** Nanoseconds do not fit a number. */
function readExpected(path: string): Expected[] {
  const text = readFileSync(path, 'utf8').replace(/"mtime_ns": *(-?\d+)/g, '"mtime_ns":"$1"')
  return (JSON.parse(text) as { entries: Expected[] }).entries
}

test.runIf(tool)(
  'every odd entry of a context arrives as it is, and what an image cannot hold is named',
  async () => {
    const entries = readExpected(join(place, 'expected.json'))
    const { tree, warnings } = await directory(join(place, 'context')).load()
    const found = new Map<string, TreeNode>()
    const collect = (at: DirectoryNode, prefix: string) => {
      for (const [name, node] of at.children) {
        found.set(prefix + name, node)
        if (node.type === 'directory') collect(node, `${prefix}${name}/`)
      }
    }
    collect(tree, '')
    const kinds: Record<string, string> = { fifo: 'fifo', socket: 'socket', char: 'device', block: 'device' }
    const groups = new Map<number, TreeNode>()
    const differing: unknown[] = []
    let regular = 0
    const check = (entry: Expected, found: Record<string, unknown>, expected: Record<string, unknown>) => {
      for (const [field, value] of Object.entries(expected)) {
        if (found[field] !== value) differing.push({ entry, field, found: String(found[field]) })
      }
    }
    for (const entry of entries) {
      const path = bytes(entry.path)
      const node = found.get(path)
      if (entry.type in kinds) {
        const warning = warnings.find((candidate) => candidate.path === path)?.kind
        check(entry, { warning, node }, { warning: kinds[entry.type], node: undefined })
        continue
      }
      regular++
      check(entry, { type: node?.type }, { type: entry.type === 'dir' ? 'directory' : entry.type })
      if (!node) continue
      const { mode, uid, gid, mtime } = node.meta
      const seconds = Number(BigInt(entry.mtime_ns) / 1_000_000_000n)
      check(
        entry,
        { mode, uid, gid, mtime: Math.floor(mtime) },
        { mode: Number.parseInt(entry.mode, 8), uid: 0, gid: 0, mtime: seconds },
      )
      if (node.type === 'symlink') check(entry, { target: node.target }, { target: bytes(entry.link!) })
      if (node.type !== 'file') continue
      const content = Buffer.alloc(node.size)
      readHostFileSync(node, content)
      const sha256 = createHash('sha256').update(content).digest('hex')
      check(entry, { size: node.size, sha256 }, { size: entry.size, sha256: entry.sha256 })
      if (entry.hardlink_group === undefined) continue
      check(entry, { node }, { node: groups.get(entry.hardlink_group) ?? node })
      groups.set(entry.hardlink_group, node)
    }
    expect(differences(differing)).toBeUndefined()
    expect(found.size).toBe(regular)
  },
)
