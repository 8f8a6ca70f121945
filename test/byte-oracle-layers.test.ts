import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { digestOf } from '../packages/store/src/digest.js'
import { encodeTarEntry } from '../packages/store/src/tar/encode-entry.js'
import type { TarEntry } from '../packages/store/src/tar/entry.js'
import { END_OF_ARCHIVE, tarPadding } from '../packages/store/src/tar/layout.js'
import { sharedPath } from './shared.js'

const EPOCH = 1445412480

interface Item {
  readonly name: string
  readonly text?: string
  readonly mode?: number
}

/** The layers of BuildKit's own compatibility test, as its README describes them. */
const LAYERS: readonly { readonly size: number; readonly items: readonly Item[] }[] = [
  {
    size: 3584,
    items: [
      { name: 'base/' },
      { name: 'base/base.txt', text: 'compatibility base\n' },
      { name: 'proc/' },
      { name: 'sys/' },
    ],
  },
  {
    size: 6144,
    items: [
      { name: 'inputs/' },
      { name: 'inputs/git/' },
      { name: 'inputs/git/git.txt', text: 'git fixture\n' },
      { name: 'inputs/git/nested.txt', text: 'nested fixture\n' },
      { name: 'inputs/http.txt', text: 'http fixture\n', mode: 0o600 },
      { name: 'inputs/llb.txt', text: 'llb fixture\n' },
    ],
  },
  {
    size: 4096,
    items: [
      { name: 'generated/' },
      { name: 'generated/deeper/' },
      { name: 'generated/deeper/nested.txt', text: 'nested-exec\n' },
      { name: 'generated/exec.txt', text: 'exec-fixture\n' },
    ],
  },
]

function archive(items: readonly Item[]): Buffer {
  const parts: Uint8Array[] = []
  for (const { name, text = '', mode } of items) {
    const isDirectory = name.endsWith('/')
    const entry: TarEntry = {
      type: isDirectory ? 'directory' : 'file',
      name,
      linkname: '',
      mode: mode ?? (isDirectory ? 0o755 : 0o644),
      uid: 0,
      gid: 0,
      mtime: EPOCH,
      size: text.length,
      uname: '',
      gname: '',
      devmajor: 0,
      devminor: 0,
      xattrs: new Map(),
    }
    parts.push(encodeTarEntry(entry), Buffer.from(text), Buffer.alloc(tarPadding(text.length)))
  }
  return Buffer.concat([...parts, END_OF_ARCHIVE])
}

const oracle = sharedPath('corpora/buildkit/compatibility/common/uncompressed/v30')

describe.skipIf(oracle === undefined)('layers whose bytes BuildKit has fixed', () => {
  it('have the same diff IDs when this codec writes them', () => {
    const config = JSON.parse(readFileSync(`${oracle}/config.json`, 'utf8'))
    const written = LAYERS.map(({ items }) => archive(items))
    expect(written.map((bytes) => bytes.length)).toEqual(LAYERS.map(({ size }) => size))
    expect(written.map(digestOf)).toEqual(config.rootfs.diff_ids.slice(1))
  })
})
