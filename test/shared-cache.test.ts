import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as zlib from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { Run } from './cooper.js'
import { storeOf, workspace } from './workspace.js'

// Two machines are two stores: what the first one made, the second finds in a cache that both can read.

const space = workspace('shared-cache')
const context = space.folder('app', {
  Dockerfile: [
    'FROM scratch AS assets',
    'COPY assets /assets',
    'FROM scratch AS unused-in-the-image',
    'COPY extra.txt /extra.txt',
    'FROM scratch',
    'COPY --from=assets /assets /srv',
    'COPY --from=unused-in-the-image /extra.txt /renamed.txt',
    'WORKDIR /job',
    'COPY main.txt .',
    '',
  ].join('\n'),
  'assets/a.txt': 'a',
  'assets/b/c.txt': 'c'.repeat(100_000),
  'extra.txt': 'extra',
  'main.txt': 'main',
})

const STEPS = 6
const hasZstd = 'createZstdCompress' in zlib

function build(machine: string, ...args: string[]): Promise<Run> {
  return space.run(['build', '--progress=rawjson', ...args, context], {
    env: { HOME: space.path(machine), SOURCE_DATE_EPOCH: '1700000000' },
  })
}

/** How many steps a build found, and how many there were. */
function cached({ stderr, stdout }: Run): { found: number; of: number } {
  const vertexes = new Map<string, boolean>()
  for (const line of `${stdout}\n${stderr}`.split('\n').filter((text) => text.startsWith('{'))) {
    for (const { digest, name, cached, completed } of JSON.parse(line).vertexes ?? []) {
      if (/\] (?:COPY|WORKDIR)/.test(name) && completed) vertexes.set(digest, cached === true)
    }
  }
  return { found: [...vertexes.values()].filter(Boolean).length, of: vertexes.size }
}

/** Names of the blobs of a machine's store. */
function blobs(machine: string): string[] {
  const folder = join(storeOf(space.path(machine)), 'blobs/sha256')
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, encoding: 'latin1' })
    .filter((name) => /[0-9a-f]{64}$/.test(name))
    .map((name) => name.slice(-64))
}

interface Documents {
  readonly manifest: {
    config: { mediaType: string }
    layers: { mediaType: string; digest: string; size: number }[]
  }
}

function documentsOf(layout: string): Documents {
  const read = (path: string) => JSON.parse(readFileSync(join(layout, path), 'utf8'))
  const [entry] = read('index.json').manifests
  return { manifest: read(`blobs/sha256/${entry.digest.slice(7)}`) }
}

describe('a cache in a directory', () => {
  test('with mode=max gives another machine every step, and no layer before one is needed', async () => {
    const cache = space.path('max')
    const first = await build(
      'one',
      `--cache-to=type=local,dest=${cache},mode=max`,
      '-o',
      `type=oci,dest=${space.path('one.tar')}`,
    )
    expect(first.stderr).not.toContain('CacheNotExported')
    expect(first.code).toBe(0)
    expect(cached(first)).toEqual({ found: 0, of: STEPS })
    const { manifest } = documentsOf(cache)
    expect(manifest.config.mediaType).toBe('application/vnd.cooperage.cache.config.v1+json')
    const layers = manifest.layers.filter(({ mediaType }) => mediaType.endsWith('tar+gzip'))
    expect(layers).toHaveLength(STEPS)

    const second = await build('two', `--cache-from=type=local,src=${cache}`, '-o', 'type=cacheonly')
    expect(second.code).toBe(0)
    expect(cached(second)).toEqual({ found: STEPS, of: STEPS })
    for (const { digest } of layers) expect(blobs('two')).not.toContain(digest.slice(7))

    const third = await build(
      'two',
      `--cache-from=type=local,src=${cache}`,
      '-o',
      `type=oci,dest=${space.path('two.tar')}`,
    )
    expect(third.code).toBe(0)
    expect(cached(third)).toEqual({ found: STEPS, of: STEPS })
    expect(readFileSync(space.path('two.tar')).equals(readFileSync(space.path('one.tar')))).toBe(true)
    // The layers of the two stages that are copied from are in no image.
    const fetched = layers.filter(({ digest }) => blobs('two').includes(digest.slice(7)))
    expect(fetched).toHaveLength(4)
  })

  test('with mode=min holds the steps of the image alone', async () => {
    const cache = space.path('min')
    await build('one', `--cache-to=type=local,dest=${cache}`, '-o', `type=oci,dest=${space.path('x.tar')}`)
    const layers = documentsOf(cache).manifest.layers.filter(({ mediaType }) => mediaType.includes('.layer.'))
    expect(layers).toHaveLength(4)
  })

  test('a changed step is run, and what it needs of the cached ones is fetched and read', async () => {
    const cache = space.path('changed')
    await build(
      'one',
      `--cache-to=type=local,dest=${cache},mode=max`,
      '-o',
      `type=oci,dest=${space.path('x.tar')}`,
    )
    cpSync(context, space.path('other'), { recursive: true })
    writeFileSync(space.path('other/main.txt'), 'changed')
    const args = ['build', '--progress=rawjson', `--cache-from=type=local,src=${cache}`]
    const run = await space.run([...args, '-o', `${space.path('out')}`, space.path('other')], {
      env: { HOME: space.path('three'), SOURCE_DATE_EPOCH: '1700000000' },
    })
    expect(run.code).toBe(0)
    expect(cached(run)).toEqual({ found: STEPS - 1, of: STEPS })
    expect(readFileSync(space.path('out/job/main.txt'), 'utf8')).toBe('changed')
    expect(readFileSync(space.path('out/srv/b/c.txt'), 'utf8')).toHaveLength(100_000)
  })

  test('what a build found in one cache it hands on to another', async () => {
    const [from, to] = [space.path('from'), space.path('to')]
    await build(
      'one',
      `--cache-to=type=local,dest=${from},mode=max`,
      '-o',
      `type=oci,dest=${space.path('x.tar')}`,
    )
    const run = await build(
      'four',
      `--cache-from=type=local,src=${from}`,
      `--cache-to=type=local,dest=${to},mode=max`,
      '-o',
      space.path('four-out'),
    )
    expect(run.code).toBe(0)
    expect(readFileSync(join(to, 'index.json'))).toEqual(readFileSync(join(from, 'index.json')))
  })
})

describe('a cache that fails is a warning', () => {
  const plain = (args: string[]) =>
    space.run(['build', '--progress=plain', ...args, '-o', space.path('failed-out'), context], {
      env: { HOME: space.path('five') },
    })

  test('when there is none, or something else', async () => {
    const other = space.folder('no-cache', {
      'index.json': '{}',
      'oci-layout': '{"imageLayoutVersion":"1.0.0"}',
    })
    const run = await plain([
      `--cache-from=type=local,src=${space.path('nowhere')}`,
      `--cache-from=type=local,src=${other}`,
    ])
    expect(run.code).toBe(0)
    expect(run.stderr).toContain(`the cache ${space.path('nowhere')}:latest is not used`)
    expect(run.stderr).toContain(`the cache ${other}:latest is not used`)
  })

  test('when a layer of it is damaged: the build runs its steps', async () => {
    const cache = space.path('damaged')
    await build(
      'six',
      `--cache-to=type=local,dest=${cache},mode=max`,
      '-o',
      `type=oci,dest=${space.path('x.tar')}`,
    )
    for (const { digest, mediaType } of documentsOf(cache).manifest.layers) {
      if (!mediaType.includes('.layer.')) continue
      const path = join(cache, 'blobs/sha256', digest.slice(7))
      const bytes = readFileSync(path)
      bytes[bytes.length - 1]! ^= 1
      writeFileSync(path, bytes)
    }
    const run = await build('seven', `--cache-from=type=local,src=${cache}`, '-o', space.path('seven-out'))
    expect(run.code).toBe(0)
    expect(run.stderr).toContain('a shared cache does not give the layer')
    expect(cached(run).found).toBe(0)
    expect(readFileSync(space.path('seven-out/job/main.txt'), 'utf8')).toBe('main')
  })

  test('when it cannot be written, unless it must be', async () => {
    const target = `type=local,dest=${context}/Dockerfile`
    const run = await plain([`--cache-to=${target}`])
    expect(run.code).toBe(0)
    expect(run.stderr).toContain('is not written')
    expect((await plain([`--cache-to=${target},ignore-error=false`])).code).not.toBe(0)
  })
})

test('an inline cache travels in the image', async () => {
  const layout = space.path('inline')
  const args = ['-t', 'inline:latest', '-o', `type=oci,dest=${layout},tar=false`]
  const first = await build('eight', '--cache-to=type=inline', ...args)
  expect(first.code).toBe(0)
  const second = await build('nine', `--cache-from=type=local,src=${layout}`, '-o', space.path('nine-out'))
  expect(second.code).toBe(0)
  // The stages that are copied from are no part of the image.
  expect(cached(second).found).toBe(4)
})

describe('a cache with compression=zstd', () => {
  test.skipIf(!hasZstd)('has its layers in that form, and is read as any other', async () => {
    const cache = space.path('zstd')
    const written = await build('ten', `--cache-to=type=local,dest=${cache},mode=max,compression=zstd`)
    expect(written.code, written.stderr).toBe(0)
    const types = documentsOf(cache).manifest.layers.map(({ mediaType }) => mediaType)
    expect(types.filter((type) => type.includes('.layer.'))).toEqual(
      Array(STEPS).fill('application/vnd.oci.image.layer.v1.tar+zstd'),
    )
    const read = await build('eleven', `--cache-from=type=local,src=${cache}`, '-o', space.path('eleven-out'))
    expect(cached(read)).toEqual({ found: STEPS, of: STEPS })
    expect(readFileSync(space.path('eleven-out/srv/a.txt'), 'utf8')).toBe('a')
  })

  test.skipIf(hasZstd)('is refused before a step is run where Node cannot make it', async () => {
    const run = await build('ten', `--cache-to=type=local,dest=${space.path('none')},compression=zstd`)
    expect([run.code, run.stderr]).toEqual([1, expect.stringContaining('E_COMPRESSION_UNSUPPORTED')])
  })
})
