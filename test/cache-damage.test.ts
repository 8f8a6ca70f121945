import {
  appendFileSync,
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join, relative } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type BuildResult, build, directory } from '@cooperage/builder'
import { isCooperageError, openStore } from '@cooperage/store'
import { beforeAll, describe, expect, it } from 'vitest'
import { workspace } from './workspace.js'

const space = workspace('damage')
const DOCKERFILE = `FROM scratch AS made
COPY . /all/
WORKDIR /w
FROM scratch
COPY --from=made /all/a /all/b /
COPY big /
`

/** What may happen to a file while nobody looks. */
const DAMAGE: Readonly<Record<string, (path: string) => void>> = {
  'flipped in the middle': (path) => flip(path, Math.floor(statSync(path).size / 2)),
  'flipped at the start': (path) => flip(path, 0),
  'flipped at the end': (path) => flip(path, statSync(path).size - 1),
  'cut in half': (path) => truncateSync(path, Math.floor(statSync(path).size / 2)),
  emptied: (path) => truncateSync(path, 0),
  'longer by a byte': (path) => appendFileSync(path, '\0'),
  'all zero': (path) => writeFileSync(path, Buffer.alloc(statSync(path).size)),
  removed: (path) => rmSync(path),
  'a directory': (path) => {
    rmSync(path)
    mkdirSync(path)
  },
  'a link to elsewhere': (path) => {
    rmSync(path)
    symlinkSync('/etc/hostname', path)
  },
}

function flip(path: string, at: number): void {
  const bytes = readFileSync(path)
  if (bytes.length === 0) return
  bytes[at]! ^= 0x10
  writeFileSync(path, bytes)
}

/** Names of the files of a store, by what they are. */
function filesOf(store: string): Record<string, string[]> {
  const found: Record<string, string[]> = {}
  for (const entry of readdirSync(store, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = relative(store, join(entry.parentPath, entry.name))
    const kind = path
      .split('/')
      .slice(0, path.startsWith('records') ? 2 : 1)
      .join('/')
    found[kind] = [...(found[kind] ?? []), path].sort()
  }
  return found
}

let context: string
let serial = 0

async function buildIn(store: string): Promise<{ readonly result: BuildResult; readonly archive: string }> {
  const archive = space.path(`out-${serial++}.tar`)
  await using opened = await openStore({ path: store })
  const result = await build({
    store: opened,
    context: directory(context),
    tags: ['damaged:1'],
    outputs: [{ kind: 'tar', destination: archive }],
    sourceDateEpoch: 1_000_000_000,
  })
  return { result, archive }
}

beforeAll(async () => {
  context = space.folder('context', {
    Dockerfile: DOCKERFILE,
    a: 'a\n',
    b: 'b\n',
    big: Buffer.alloc(300_000, 'big '),
  })
  await sleep(60)
})

describe('after damage to the store', () => {
  it.each(Object.keys(DAMAGE))('%s: the build heals, or names the damage and then heals', async (what) => {
    const store = space.path(`store-${serial++}`)
    const { result: first, archive } = await buildIn(store)
    const expected = readFileSync(archive)
    const classes = filesOf(store)
    expect(Object.keys(classes)).toEqual(
      expect.arrayContaining(['VERSION', 'blobs', 'records/stat', 'records/step', 'refs']),
    )
    const outcomes: string[] = []
    for (const [kind, files] of Object.entries(classes)) {
      if (kind === 'VERSION' || kind === 'locks' || kind === 'sessions') continue
      for (const file of files) {
        const damaged = space.path(`store-${serial++}`)
        cpSync(store, damaged, { recursive: true })
        const path = join(damaged, file)
        chmodSync(path, 0o644)
        DAMAGE[what]!(path)
        for (let attempt = 1; ; attempt++) {
          try {
            const { result, archive } = await buildIn(damaged)
            // Never a wrong result, whatever the store held.
            expect([file, result.imageId]).toEqual([file, first.imageId])
            expect(readFileSync(archive).equals(expected)).toBe(true)
            break
          } catch (error) {
            const isNamed = isCooperageError(error) && error.category === 'store'
            if (!isNamed || attempt > 1)
              throw new Error(`${what} ${file}, attempt ${attempt}`, { cause: error })
            outcomes.push(`${kind}: ${error.code}`)
            // A directory where a file was is nothing that a crash leaves, and not ours to remove.
            if (what === 'a directory') rmSync(path, { recursive: true, force: true })
          }
        }
        rmSync(damaged, { recursive: true })
      }
    }
    // Records and names are never more than a miss.
    const others = outcomes.filter((outcome) => !outcome.startsWith('blobs'))
    expect(others).toEqual(what === 'a directory' ? expect.any(Array) : [])
  })

  it('to all blobs at once: one build makes them again', async () => {
    const store = space.path('store-blobs')
    const { result: first, archive } = await buildIn(store)
    const expected = readFileSync(archive)
    const blobs = filesOf(store).blobs!
    expect(blobs.length).toBeGreaterThan(3)
    for (const file of blobs) {
      chmodSync(join(store, file), 0o644)
      flip(join(store, file), 10)
    }
    const { result, archive: again } = await buildIn(store)
    expect(result.imageId).toBe(first.imageId)
    expect(readFileSync(again).equals(expected)).toBe(true)
  })

  it('in many places at once', async () => {
    const store = space.path('store-everywhere')
    const { result: first } = await buildIn(store)
    const { VERSION: _, locks: _locks, sessions: _sessions, ...rest } = filesOf(store)
    for (const file of Object.values(rest).flat()) {
      chmodSync(join(store, file), 0o644)
      flip(join(store, file), 10)
    }
    let last: BuildResult | undefined
    for (let attempt = 0; attempt < 8 && last === undefined; attempt++) {
      last = await buildIn(store).then(
        ({ result }) => result,
        (error: unknown) => {
          if (isCooperageError(error) && error.category === 'store') return undefined
          throw error
        },
      )
    }
    expect(last?.imageId).toBe(first.imageId)
  })
})
