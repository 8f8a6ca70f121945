import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Digest, encodeConfig, encodeManifest, MediaType, openStore, type Store } from '@cooperage/store'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findImage } from '../images/find-image.js'
import { keepUnnamed } from '../images/unnamed.js'
import { renderHistory } from '../render/history.js'
import { renderImages } from '../render/images.js'
import { imageHistory } from './history.js'
import { listImages } from './images.js'
import { inspectImages } from './inspect.js'
import { pruneStore } from './prune.js'
import { removeImage } from './rmi.js'
import { namedImages } from './save.js'
import { tagImage } from './tag.js'

let folder: string
let store: Store

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cooper-commands-'))
  store = await openStore({ path: join(folder, 'store'), durability: 'none' })
})
afterEach(async () => {
  await store[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

/** Puts an image with one layer into the store, under this full name, and answers with its ID. */
async function addImage(name: string, created: string, content = 'layer'): Promise<Digest> {
  const layer = await store.blobs.put(Buffer.from(content.padEnd(1024, '\0')))
  const config = await store.blobs.put(
    encodeConfig({
      created,
      architecture: 'amd64',
      os: 'linux',
      config: { Env: ['PATH=/bin'], Cmd: ['app'] },
      rootfs: { type: 'layers', diff_ids: [layer.digest] },
      history: [
        {
          created,
          created_by: 'COPY a-file-with-a-rather-long-name-for-a-table /somewhere # buildkit',
          comment: 'buildkit',
        },
        { created, created_by: 'CMD ["app"]', empty_layer: true },
      ],
    }),
  )
  const manifest = await store.blobs.put(
    encodeManifest({
      schemaVersion: 2,
      mediaType: MediaType.ociManifest,
      config: { mediaType: MediaType.ociConfig, ...config },
      layers: [{ mediaType: MediaType.ociLayer, ...layer }],
    }),
  )
  await store.refs.set(name, { descriptor: { mediaType: MediaType.ociManifest, ...manifest }, created: 1 })
  return config.digest
}

const now = Date.parse('2026-11-21T12:00:00Z')
const all = { json: false, quiet: false, digests: false, truncate: true, now }

describe('images', () => {
  test('are listed as docker lists them, the newest first', async () => {
    const old = await addImage('docker.io/library/app:1', '2026-11-01T00:00:00Z', 'old')
    const young = await addImage('localhost:5000/team/app:dev', '2026-11-20T00:00:00Z', 'young')
    const { rows } = await listImages(store, undefined)
    expect(renderImages(rows, all)).toBe(
      [
        'REPOSITORY                TAG   IMAGE ID       CREATED        SIZE',
        `localhost:5000/team/app   dev   ${young.slice(7, 19)}   36 hours ago   1.02kB`,
        `app                       1     ${old.slice(7, 19)}   2 weeks ago    1.02kB`,
        '',
      ].join('\n'),
    )
  })

  test('are chosen by repository or by name', async () => {
    await addImage('docker.io/library/app:1', '2026-11-01T00:00:00Z')
    await addImage('docker.io/library/app:2', '2026-11-02T00:00:00Z')
    await addImage('docker.io/library/other:1', '2026-11-03T00:00:00Z')
    const tags = async (filter: string) => (await listImages(store, filter)).rows.map((row) => row.tag)
    expect(await tags('app')).toEqual(['2', '1'])
    expect(await tags('app:1')).toEqual(['1'])
    expect(await tags('none')).toEqual([])
  })

  test('are one JSON object a line, or only their IDs', async () => {
    const id = await addImage('docker.io/library/app:1', '2026-11-01T00:00:00Z')
    await tagImage(store, 'app:1', 'again')
    const { rows } = await listImages(store, undefined)
    const lines = renderImages(rows, { ...all, json: true })
      .trimEnd()
      .split('\n')
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { Repository: 'again', Tag: 'latest', ID: id.slice(7, 19), Size: '1.02kB' },
      { Repository: 'app', Tag: '1' },
    ])
    expect(renderImages(rows, { ...all, quiet: true, truncate: false })).toBe(`${id}\n`)
  })

  test('that are damaged are told and hide no other', async () => {
    await addImage('docker.io/library/app:1', '2026-11-01T00:00:00Z')
    const lost = await addImage('docker.io/library/lost:1', '2026-11-01T00:00:00Z', 'other')
    await store.blobs.remove(lost)
    const list = await listImages(store, undefined)
    expect(list.rows.map((row) => row.repository)).toEqual(['app'])
    expect(list.damaged).toMatchObject([{ name: 'lost:1' }])
    expect((await findImage(store, 'app:1')).byId).toBe(false)
  })
})

test('a name whose file is damaged is told, and nothing is pruned meanwhile', async () => {
  await addImage('docker.io/library/app:1', '2026-11-01T00:00:00Z')
  const { target } = (await findImage(store, 'app:1')).image
  await keepUnnamed(store, target)
  const file = join(folder, 'store/refs/docker.io%2Flibrary%2Fapp%3A1')
  await writeFile(file, 'garbage\n')
  const list = await listImages(store, undefined)
  expect(list.rows).toHaveLength(1)
  expect(list.damaged).toEqual([{ name: 'app:1', reason: `${file} is damaged` }])
  expect((await listImages(store, 'other')).damaged).toEqual([])
  await expect(pruneStore(store, { grace: 0, unusedFor: 0 })).rejects.toMatchObject({
    code: 'E_STORE_CORRUPT',
  })
  // What has no name is still there to be given the name again.
  await tagImage(store, target.digest, 'app:1')
  expect(await listImages(store, 'app:1')).toMatchObject({ rows: [{ tag: '1' }], damaged: [] })
})

describe('an image', () => {
  test('is found by its name, its ID and the first digits of it', async () => {
    const id = await addImage('docker.io/library/app:1', '2026-11-01T00:00:00Z')
    for (const word of [
      'app:1',
      'docker.io/library/app:1',
      id,
      id.slice(7),
      id.slice(7, 19),
      id.slice(0, 15),
    ]) {
      expect((await findImage(store, word)).image.id, word).toBe(id)
    }
  })

  test('that is not there is guessed', async () => {
    await addImage('docker.io/library/app:1', '2026-11-01T00:00:00Z')
    await expect(findImage(store, 'apq:1')).rejects.toMatchObject({
      code: 'E_IMAGE_NOT_FOUND',
      hint: 'did you mean app:1?',
    })
    await expect(findImage(store, 'sha256:0123')).rejects.toMatchObject({ code: 'E_IMAGE_NOT_FOUND' })
    await expect(findImage(store, 'App')).rejects.toMatchObject({ code: 'E_REF' })
  })

  test('is inspected under the keys of docker', async () => {
    const id = await addImage('docker.io/library/app:1', '2026-11-01T00:00:00Z')
    await tagImage(store, 'app:1', 'app')
    expect(await inspectImages(store, ['app:1'])).toMatchObject([
      {
        Id: id,
        RepoTags: ['app:1', 'app:latest'],
        RepoDigests: [expect.stringMatching(/^app@sha256:[0-9a-f]{64}$/)],
        Created: '2026-11-01T00:00:00Z',
        Architecture: 'amd64',
        Os: 'linux',
        Size: 1024,
        Config: { Cmd: ['app'], Env: ['PATH=/bin'] },
        RootFS: { Type: 'layers', Layers: [expect.stringMatching(/^sha256:/)] },
      },
    ])
  })

  test('has its history told from the newest step on', async () => {
    const id = await addImage('docker.io/library/app:1', '2026-11-20T00:00:00Z')
    const rows = await imageHistory(store, 'app:1')
    expect(renderHistory(rows, { json: false, quiet: false, truncate: true, human: true, now })).toBe(
      [
        'IMAGE          CREATED        CREATED BY                                      SIZE     COMMENT',
        `${id.slice(7, 19)}   36 hours ago   CMD ["app"]                                     0B`,
        '<missing>      36 hours ago   COPY a-file-with-a-rather-long-name-for-a-ta…   1.02kB   buildkit',
        '',
      ].join('\n'),
    )
  })
})

describe('an image without a name', () => {
  test('is listed, found by its ID, named later, and goes with a prune', async () => {
    const id = await addImage('docker.io/library/app:1', '2026-11-01T00:00:00Z')
    const { target } = (await findImage(store, 'app:1')).image
    await keepUnnamed(store, target)
    await removeImage(store, 'app:1', false)
    const { rows } = await listImages(store, undefined)
    expect(renderImages(rows, all)).toMatch(/^<none> +<none> +/m)
    expect(await inspectImages(store, [id])).toMatchObject([{ Id: id, RepoTags: [], RepoDigests: [] }])
    expect(await namedImages(store, [id])).toMatchObject([{ names: [] }])
    await tagImage(store, id, 'app:2')
    expect((await store.refs.list()).map((entry) => entry.name)).toEqual(['docker.io/library/app:2'])
    await keepUnnamed(store, target)
    expect(await pruneStore(store, { grace: 60_000 })).toMatchObject({ images: 0 })
    expect(await pruneStore(store, { grace: 0, dryRun: true })).toMatchObject({ images: 1 })
    expect(await pruneStore(store, { grace: 0 })).toMatchObject({ images: 1, removed: 0, kept: 3 })
    await removeImage(store, 'app:2', false)
    // What a living session has touched is spared.
    await store[Symbol.asyncDispose]()
    store = await openStore({ path: join(folder, 'store'), durability: 'none' })
    expect(await pruneStore(store, { grace: 0 })).toMatchObject({ images: 0, removed: 3, kept: 0 })
  })
})

test('an image with a name is not listed as one without, whichever came first', async () => {
  const id = await addImage('docker.io/library/app:1', '2026-11-01T00:00:00Z')
  await keepUnnamed(store, (await findImage(store, 'app:1')).image.target)
  expect((await listImages(store, undefined)).rows.map((row) => row.tag)).toEqual(['1'])
  // Nor does it count as a second name.
  await removeImage(store, id, false)
  expect((await listImages(store, undefined)).rows).toEqual([])
})

describe('names', () => {
  test('are given, moved and taken away', async () => {
    const one = await addImage('docker.io/library/one:1', '2026-11-01T00:00:00Z', 'one')
    const two = await addImage('docker.io/library/two:1', '2026-11-01T00:00:00Z', 'two')
    await tagImage(store, 'one:1', 'x')
    expect((await findImage(store, 'x')).image.id).toBe(one)
    await tagImage(store, two.slice(7, 19), 'x')
    expect((await findImage(store, 'x')).image.id).toBe(two)
    expect(await removeImage(store, 'x', false)).toEqual(['x:latest'])
    await expect(findImage(store, 'x')).rejects.toMatchObject({ code: 'E_IMAGE_NOT_FOUND' })
    expect((await findImage(store, 'two:1')).image.id).toBe(two)
  })

  test('of one ID go all at once only by force', async () => {
    const id = await addImage('docker.io/library/app:1', '2026-11-01T00:00:00Z')
    await tagImage(store, 'app:1', 'app:2')
    await expect(removeImage(store, id, false)).rejects.toMatchObject({ code: 'E_IMAGE_IN_USE' })
    expect(await removeImage(store, id, true)).toEqual(['app:1', 'app:2'])
    expect(await removeImage(store, id, true)).toEqual([])
    await expect(removeImage(store, id, false)).rejects.toMatchObject({ code: 'E_IMAGE_NOT_FOUND' })
  })

  test('are saved as they were asked for, each image once', async () => {
    const id = await addImage('docker.io/library/app:1', '2026-11-01T00:00:00Z')
    await tagImage(store, 'app:1', 'app:2')
    expect(await namedImages(store, ['app:2', id, 'app:2'])).toMatchObject([
      { names: ['docker.io/library/app:2'] },
    ])
  })
})
