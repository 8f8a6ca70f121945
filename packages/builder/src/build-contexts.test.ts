import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore, toUtf8 } from '@cooperage/store'
import { expect, it, onTestFinished } from 'vitest'
import { build } from './build.js'
import type { BuildOptions } from './build-options.js'
import { memory } from './context/memory.js'

const files = {
  Dockerfile: 'FROM scratch\nCOPY . /\n',
  'Dockerfile.dockerignore': 'a\n',
  'other.dockerignore': 'b\n',
  other: 'FROM scratch\nCOPY . /\n',
  '.dockerignore': 'c\n',
  a: '',
  b: '',
  c: '',
}

async function leftOut(dockerfile: BuildOptions['dockerfile']): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'contexts-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await using store = await openStore({ path: join(folder, 'store') })
  const { config } = await build({
    store,
    context: memory(files),
    ...(dockerfile !== undefined && { dockerfile }),
  })
  const layer = await store.blobs.readAll(config.rootfs.diff_ids[0] as `sha256:${string}`, 1 << 20)
  const names = toUtf8(Buffer.from(layer).toString('latin1'))
  return ['a', 'b', 'c'].filter((name) => !new RegExp(`(^|\0)${name}\0`).test(names))
}

it('the ignore file beside the Dockerfile wins, also for the one that is taken by default', async () => {
  expect(await leftOut(undefined)).toEqual(['a'])
  expect(await leftOut('other')).toEqual(['b'])
  expect(await leftOut({ text: files.Dockerfile })).toEqual(['c'])
})

it.each([
  ['directory', 'E_CTX_MISSING', '/nosuch'],
  ['oci-layout', 'E_CTX_MISSING', '/nosuch'],
  ['directory', 'E_CTX_MISSING', 'target:x'],
  ['oci-layout', 'E_CTX_NOT_DIR', '/dev/null'],
] as const)(
  'a named context that is not there is an error before the build: %s %s %s',
  async (kind, code, path) => {
    const folder = await mkdtemp(join(tmpdir(), 'contexts-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    await using store = await openStore({ path: join(folder, 'store') })
    for (const Dockerfile of ['FROM scratch\nCOPY absent /\n', 'FROM named\n']) {
      const options = { store, context: memory({ Dockerfile }), buildContexts: { named: { kind, path } } }
      await expect(build(options)).rejects.toMatchObject({
        code,
        message: expect.stringContaining(`build context named: the context "${path}"`),
        hint: expect.stringContaining('docker-image://'),
      })
    }
  },
)

it('a folder that is no layout is named', async () => {
  const path = await mkdtemp(join(tmpdir(), 'contexts-'))
  onTestFinished(() => rm(path, { recursive: true }))
  await using store = await openStore({ path: join(path, 'store') })
  const context = memory({ Dockerfile: 'FROM named\n' })
  await expect(
    build({ store, context, buildContexts: { named: { kind: 'oci-layout', path } } }),
  ).rejects.toMatchObject({ message: expect.stringContaining(`there is no file oci-layout in ${path}`) })
})
