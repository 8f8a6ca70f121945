import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { type DirectoryNode, isCooperageError, openStore, type Store } from '@cooperage/store'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FileSystem } from '../packages/builder/src/execute/file-system.js'
import { loadLayer } from '../packages/builder/src/execute/load-layer.js'
import type { StepEnvironment } from '../packages/builder/src/execute/step-environment.js'
import { LayerDirectories } from '../packages/builder/src/run/projection/layer-directories.js'
import { readChanges } from '../packages/builder/src/run/read-changes.js'
import { sample } from './long.js'
import { overlayRows, treeRows } from './overlay-rows.js'
import { canMount, hasTool } from './rival-tools.js'
import { sharedPath } from './shared.js'
import { type Spec, tarOf } from './tar-of.js'
import { workspace } from './workspace.js'

const space = workspace('run-projection')
const { signal } = new AbortController()
const files = { enter: [], overlay: 'kernel', owners: 'all', devices: true } as const
const isRoot = process.getuid?.() === 0
let places = 0

const openHost = () => {
  throw new Error('no file of this machine is meant')
}

async function stacked(store: Store, layers: readonly Uint8Array[]): Promise<FileSystem> {
  let fileSystem = FileSystem.empty()
  for (const bytes of layers) {
    const { digest: diffId } = await store.blobs.put(bytes)
    const below = fileSystem
    fileSystem = below.with({ diffId }, async () =>
      loadLayer(await below.tree(), { diffId }, { store, signal }),
    )
  }
  return fileSystem
}

function place(): string {
  return space.folder(`place-${places++}`, { upper: undefined, work: undefined, merged: undefined })
}

/** Reads an upper directory back. */
function readUpper(directory: string, tree: DirectoryNode, store: Store) {
  const environment = {
    store,
    signal,
    epoch: undefined,
    emit: () => {},
    openHost,
  } as unknown as StepEnvironment
  return readChanges(join(directory, 'upper'), { environment, step: 's', files, tree, stubs: new Set() })
}

/** Small numbers in an order that is always the same (a linear congruence, Numerical Recipes). */
function numbers(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const NAMES = ['a', 'b', 'c', 'd', 'a.b', 'A', 'with blank', '\u00e9']

/** A layer of random entries and whiteouts, each of a kind that readers of layers agree on. */
function randomLayer(random: (below: number) => number): Spec[] {
  const specs = new Map<string, Spec>()
  const removed: Spec[] = []
  for (let count = 3 + random(12); count > 0; count--) {
    const depth = 1 + random(3)
    const names = Array.from({ length: depth }, () => NAMES[random(NAMES.length)]!)
    const path = names.join('/')
    for (let length = 1; length < depth; length++) {
      const parent = names.slice(0, length).join('/')
      specs.set(parent, { name: `${parent}/`, mode: 0o755 })
    }
    if ([...specs.keys()].some((known) => known.startsWith(`${path}/`))) continue
    const owner = { uid: random(3) * 1000, gid: random(3) }
    const kind = random(10)
    if (kind < 4)
      specs.set(path, { name: path, content: `${random(1e6)}`, mode: 0o600 + random(0o177), ...owner })
    else if (kind < 6) specs.set(path, { name: `${path}/`, mode: 0o700 + random(0o77), ...owner })
    else if (kind < 7)
      specs.set(path, { name: path, type: 'symlink', linkname: NAMES[random(4)]!, mode: 0o777 })
    else if (kind < 8) specs.set(`${path}.p`, { name: `${path}.p`, type: 'fifo', mode: 0o644 })
    else
      removed.push({
        name: `${names
          .slice(0, -1)
          .map((name) => `${name}/`)
          .join('')}.wh.${names.at(-1)}`,
        mode: 0,
      })
  }
  const isShadowed = (name: string) => specs.has(name.replace('.wh.', ''))
  // A file is no directory for another entry, and what is removed is not made in the same layer.
  const entries = [...specs.entries()].filter(([path]) => {
    const parts = path.split('/')
    return parts.slice(1).every((_, at) => specs.get(parts.slice(0, at + 1).join('/'))?.name.endsWith('/'))
  })
  return [...entries.map(([, spec]) => spec), ...removed.filter(({ name }) => !isShadowed(name))]
}

/** Random changes, as a script: links, renames, removals of what is there or not. */
function randomScript(random: (below: number) => number): string {
  const path = () =>
    `'${Array.from({ length: 1 + random(3) }, () => NAMES[random(NAMES.length)]!).join('/')}'`
  const lines = Array.from({ length: 10 + random(30) }, () => {
    const [one, two] = [path(), path()]
    const choices = [
      `mkdir -p ${one}`,
      `echo ${random(1e6)} > ${one}`,
      `echo more >> ${one}`,
      `rm -rf ${one}`,
      `rm -rf ${one} && mkdir ${one} && echo ${random(9)} > ${one}/b`,
      `mv -T ${one} ${two}`,
      `ln ${one} ${two}`,
      `ln -sT ${NAMES[random(4)]!} ${one}`,
      `chmod ${random(2) ? 700 : 755} ${one}`,
      `chown -h ${random(3)}:${random(3)} ${one}`,
      `touch -h -d @${1_600_000_000 + random(3)} ${one}`,
      `cp -a ${one} ${two}`,
      // Under a name that nothing is written to: a writer would wait for a reader.
      `mkfifo ${one.slice(0, -1)}.p'`,
      `t=$(stat -c %Y ${one}) && cp --preserve=all ${one} .t && mv -fT .t ${one}`,
      `[ -f ${one} ] && mv ${one} .t && mv .t ${one}`,
    ]
    return `{ ${choices[random(choices.length)]!}; } 2> /dev/null || :`
  })
  return [...lines, 'rm -rf .t'].join('\n')
}

describe.skipIf(!isRoot || !canMount())('layers in directories', () => {
  let store: Store
  let directories: LayerDirectories
  beforeAll(async () => {
    store = await openStore({ path: space.path('store'), durability: 'none' })
    directories = new LayerDirectories({ store, files, openHost, signal })
  })
  afterAll(() => store[Symbol.asyncDispose]())

  it.each(
    sample(
      Array.from({ length: 40 }, (_, seed) => seed),
      4,
    ),
  )('are to overlayfs what their tree is, and changes come back as they were made (%i)', async (seed) => {
    const random = numbers(seed * 7919 + 1)
    const layers = Array.from({ length: 1 + random(4) }, () => tarOf(randomLayer(random)))
    const fileSystem = await stacked(store, layers)
    const tree = await fileSystem.tree()
    const lowers = await directories.lowers(fileSystem)
    expect(overlayRows(place(), lowers)).toEqual(await treeRows(tree, store))
    const changed = place()
    const after = overlayRows(changed, lowers, randomScript(random))
    const layer = await readUpper(changed, tree, store)
    expect(await treeRows(await layer.tree(), store)).toEqual(after)
    // The layer as others read it, and the upper directory as the next step gets it.
    const above = fileSystem.with({ diffId: layer.diffId }, async () =>
      loadLayer(tree, { diffId: layer.diffId }, { store, signal }),
    )
    expect(await treeRows(await above.tree(), store)).toEqual(after)
    expect(overlayRows(place(), [join(changed, 'upper'), ...lowers])).toEqual(after)
    expect(overlayRows(place(), await directories.lowers(above))).toEqual(after)
  })

  it('of a stack that is deeper than one mount can name stand on one directory', async () => {
    const layers = Array.from({ length: 130 }, (_, at) =>
      tarOf([
        { name: `f${at}`, content: `${at}` },
        { name: 'last', content: `${at}` },
        ...(at % 10 === 9 ? [{ name: `.wh.f${at - 5}`, mode: 0 }] : []),
      ]),
    )
    const fileSystem = await stacked(store, layers)
    const lowers = await directories.lowers(fileSystem)
    expect(lowers.length).toBe(130 - 50 + 1)
    const rows = await treeRows(await fileSystem.tree(), store)
    expect(Object.keys(rows)).toHaveLength(130 - 13 + 1)
    expect(overlayRows(place(), lowers)).toEqual(rows)
    // One layer more finds the directory that is there.
    const more = await stacked(store, [...layers, tarOf([{ name: 'more', content: '' }])])
    expect((await directories.lowers(more)).at(-1)).toBe(lowers.at(-1))
  })

  it('bring no attribute of an image that steers overlayfs', async () => {
    const steer = (key: string, value = 'y') => ({ xattrs: new Map([[key, Buffer.from(value)]]) })
    const fileSystem = await stacked(store, [
      tarOf([{ name: 'd/' }, { name: 'd/f', content: 'below' }, { name: 'secret', content: 'x' }]),
      tarOf([
        { name: 'd/', ...steer('trusted.overlay.opaque') },
        { name: 'e/', ...steer('trusted.overlay.redirect', '/d') },
        { name: 'u/', ...steer('user.overlay.opaque') },
        { name: 'm', content: '', ...steer('trusted.overlay.metacopy', '') },
        { name: 'kept', content: 'x', ...steer('user.mine', 'value') },
        { name: 'other', content: 'x', ...steer('trusted.mine', 'value') },
      ]),
    ])
    const lowers = await directories.lowers(fileSystem)
    for (const [at, lower] of lowers.entries()) {
      const listed = execFileSync('tar', [
        '-c',
        '--xattrs',
        '--xattrs-include=*',
        '-f',
        '-',
        '-C',
        lower,
        '.',
      ])
      expect(listed.includes('overlay.')).toBe(false)
      expect(listed.includes('trusted.')).toBe(false)
      if (at === 0) expect(listed.includes('SCHILY.xattr.user.mine=value')).toBe(true)
    }
    expect(overlayRows(place(), lowers)).toEqual(await treeRows(await fileSystem.tree(), store))
  })

  it.skipIf(!hasTool('setfattr'))('keep what a step marks as an overlay of another kind would', async () => {
    const fileSystem = await stacked(store, [
      tarOf([{ name: 'd/' }, { name: 'd/f', content: 'below' }, { name: 'g', content: 'below' }]),
    ])
    const tree = await fileSystem.tree()
    const changed = place()
    const after = overlayRows(
      changed,
      await directories.lowers(fileSystem),
      `for name in user.overlay user.fuseoverlayfs; do
        setfattr -n $name.opaque -v y d && setfattr -n $name.redirect -v /e d && setfattr -n $name.metacopy g
      done && touch d/new`,
    )
    expect(Object.keys(after)).toContain('d/f')
    const layer = await readUpper(changed, tree, store)
    expect(await treeRows(await layer.tree(), store)).toEqual(after)
  })

  it('keep times before 1970 and after 2242', async () => {
    const fileSystem = await stacked(store, [tarOf([{ name: 'f', content: 'below' }])])
    const changed = place()
    const script = 'touch -d @8589934592.5 late && touch -d @-5.5 early && touch -d @1.5 plain'
    overlayRows(changed, await directories.lowers(fileSystem), script)
    const layer = await readUpper(changed, await fileSystem.tree(), store)
    const read = await loadLayer(await fileSystem.tree(), { diffId: layer.diffId }, { store, signal })
    for (const tree of [await layer.tree(), read]) {
      const times = ['late', 'early', 'plain'].map((name) => tree.children.get(name)?.meta.mtime)
      expect(times).toEqual([8_589_934_592, -6, 1])
    }
  })

  it('are made once, by however many at once', async () => {
    const fileSystem = await stacked(store, [tarOf([{ name: 'once', content: 'x' }])])
    await using other = await openStore({ path: space.path('store'), durability: 'none' })
    const elsewhere = new LayerDirectories({ store: other, files, openHost, signal })
    const found = await Promise.all([
      directories.lowers(fileSystem),
      directories.lowers(fileSystem),
      elsewhere.lowers(fileSystem),
    ])
    expect(new Set(found.flat()).size).toBe(1)
    expect(await other.trees.abandoned()).toEqual([])
  })

  const tool = sharedPath('tools/fixtures')
  it.skipIf(tool === undefined)(
    'that were made to do harm do none',
    async () => {
      execFileSync(tool!, ['hostile', space.path('hostile'), '--scale', '0.01'], { stdio: 'ignore' })
      const canary = space.folder('canary', { f: 'alive' })
      const lower = readFileSync(space.path('hostile/lower.tar'))
      let projected = 0
      for (const name of readdirSync(space.path('hostile')).filter((one) => one.endsWith('.expected.json'))) {
        const path = space.path(`hostile/${name.slice(0, -'.expected.json'.length)}`)
        const file = existsSync(path)
          ? path
          : [`${path}.tar`, `${path}.tar.gz`].find((one) => existsSync(one))
        const bytes = file === undefined ? undefined : readFileSync(file)
        if (bytes === undefined || bytes.length > 1 << 18) continue
        try {
          const layer = file!.endsWith('.gz') ? gunzipSync(bytes, { maxOutputLength: 1 << 22 }) : bytes
          const fileSystem = await stacked(store, [lower, layer])
          const tree = await fileSystem.tree()
          const lowers = await directories.lowers(fileSystem)
          expect(overlayRows(place(), lowers), name).toEqual(await treeRows(tree, store))
          projected++
        } catch (error) {
          // Refused as a layer, or too much for a file system: a path longer than PATH_MAX, for one.
          if (!isCooperageError(error) && !/zlib|incorrect|header|unexpected|larger/i.test(String(error))) {
            throw error
          }
        }
      }
      expect(projected).toBeGreaterThan(40)
      expect(readdirSync(canary)).toEqual(['f'])
      expect(readFileSync(join(canary, 'f'), 'utf8')).toBe('alive')
    },
    120_000,
  )
})
