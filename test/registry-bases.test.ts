import { openStore } from '@cooperage/store'
import { beforeAll, describe, expect, it } from 'vitest'
import { type DistributionRegistry, distributionRegistry } from './distribution-registry.js'
import { type Door, door } from './registry-door.js'
import { hasTool } from './rival-tools.js'
import { type Seeded, seedRegistry } from './seed-registry.js'
import { rowsOfImage } from './tree-rows.js'
import { storeOf, workspace } from './workspace.js'

const space = workspace('bases')
const isReady = hasTool('docker-registry') && hasTool('skopeo')

describe.skipIf(!isReady)('base images of a registry', () => {
  let registry: DistributionRegistry
  let way: Door
  let name: string
  let seeded: Seeded
  beforeAll(async () => {
    registry = await distributionRegistry()
    way = await door(registry)
    name = `${way.host}/team/base:1`
    seeded = await seedRegistry(`${registry.host}/team/base:1`, ['--dest-tls-verify=false'])
  })

  let count = 0
  /** A user with a context; `build` answers with what was asked of the registry meanwhile. */
  function builder(dockerfile: string, files: Readonly<Record<string, string>> = {}) {
    const home = space.folder(`user-${count++}`, {})
    const context = (text: string) => {
      const folder = `${home.slice(space.root.length + 1)}/context`
      space.folder(folder, { ...files, Dockerfile: text })
      return `${home}/context`
    }
    return {
      home,
      run: (args: readonly string[]) => space.run(args, { env: { HOME: home } }),
      async build(args: readonly string[] = [], text = dockerfile) {
        way.asked.length = 0
        const done = await space.run(['build', ...args, context(text)], { env: { HOME: home } })
        return { ...done, asked: [...way.asked] }
      },
    }
  }

  const blobs = (asked: readonly string[]) =>
    asked.filter((line) => line.startsWith('GET /v2/team/base/blobs/'))
  const heads = (asked: readonly string[]) => asked.filter((line) => line.startsWith('HEAD '))

  it('cost manifest and config, then one question a build, and layers when somebody needs them', async () => {
    const { build, run, home } = builder(`FROM ${name}\nENV A=1\n`)
    const first = await build(['-o', 'type=cacheonly'])
    expect([first.code, heads(first.asked).length, blobs(first.asked).length], first.stderr).toEqual([
      0, 1, 1,
    ])
    expect(first.stderr).toContain(`load metadata for ${name}`)
    const second = await build(['-o', 'type=cacheonly'])
    expect([second.code, second.asked]).toEqual([0, ['HEAD /v2/team/base/manifests/1']])
    const copied = await build([], `FROM ${name}\nCOPY --from=${name} /a.txt /c\n`)
    expect([copied.code, blobs(copied.asked).length], copied.stderr).toEqual([0, 2])
    expect(copied.asked.filter((line) => line.startsWith('HEAD /v2/team/base/manifests'))).toHaveLength(1)
    const tagged = await build(['-t', 'app:1'])
    expect([tagged.code, blobs(tagged.asked)]).toEqual([0, []])
    expect((await run(['save', '-o', `${home}/app.tar`, 'app:1'])).code).toBe(0)
    await using store = await openStore({ path: storeOf(home) })
    expect(Object.keys(await rowsOfImage(store, 'docker.io/library/app:1'))).toContain('b.txt')
  })

  it('are fetched for an output that passes them on', async () => {
    const { build, home } = builder(`FROM ${name}\nCOPY f /f\n`, { f: 'f' })
    const done = await build(['-o', `type=oci,dest=${home}/o.tar`])
    expect([done.code, blobs(done.asked).length], done.stderr).toEqual([0, 3])
    expect(done.stderr).toMatch(/FROM .*@sha256:/)
  })

  it('are not asked for by digest, nor with --pull=never or missing, once they are known', async () => {
    const pinned = `FROM ${way.host}/team/base:other@${seeded.index.digest}\n`
    const { build } = builder(pinned)
    expect((await build(['--pull=never'])).stderr).toMatch(/E_IMAGE_NOT_FOUND[\s\S]*--pull=never/)
    expect(heads((await build()).asked)).toEqual([])
    expect((await build()).asked).toEqual([])
    const tag = builder(`FROM ${name}\n`)
    const look = ['-o', 'type=cacheonly']
    await tag.build(look)
    expect([(await tag.build([...look, '--pull=never'])).code, way.asked]).toEqual([0, []])
    expect([(await tag.build([...look, '--pull=missing'])).code, way.asked]).toEqual([0, []])
    expect([(await tag.build([...look, '--pull'])).code, heads(way.asked).length]).toEqual([0, 1])
    const layers = await tag.build(['--pull=never', '-t', 'x'])
    expect([layers.code, layers.stderr]).toEqual([1, expect.stringContaining('E_IMAGE_INCOMPLETE')])
  })

  it('are those of the store, with a warning, when nobody answers', async () => {
    const gone = await distributionRegistry()
    await seedRegistry(`${gone.host}/a:1`, ['--dest-tls-verify=false'])
    const { build } = builder(`FROM ${gone.host}/a:1\nCOPY --from=${gone.host}/a:1 /a.txt /copy\n`)
    expect((await build(['-t', 'x'])).code).toBe(0)
    await gone.stop()
    const offline = await build(['-t', 'x'])
    expect([offline.code, offline.stderr]).toEqual([
      0,
      expect.stringMatching(/BaseImageNotChecked: .*a:1 could not be asked for/),
    ])
    const insisting = await build(['--pull'])
    expect([insisting.code, insisting.stderr]).toEqual([3, expect.stringContaining('E_CONNECT')])
  })

  it('that were named here are not asked for, unless with --pull', async () => {
    const { build } = builder('FROM scratch\nCOPY f /f\n', { f: 'f' })
    const own = `${way.host}/own:1`
    await build(['-t', own])
    const done = await build([], `FROM ${own}\n`)
    expect([done.code, done.asked]).toEqual([0, []])
    const asked = await build(['--pull'], `FROM ${own}\n`)
    expect([asked.code, asked.stderr]).toEqual([
      3,
      expect.stringMatching(/E_REG_NOT_FOUND[\s\S]*Dockerfile:1/),
    ])
  })

  it('of another platform come from the same index', async () => {
    const both = `FROM --platform=linux/arm64 ${name} AS arm\nFROM ${name}\nCOPY --from=arm /a.txt /arm\n`
    const { build } = builder(both)
    const done = await build(['-t', 'x'])
    expect([done.code, heads(done.asked).filter((line) => line.includes('manifests'))], done.stderr).toEqual([
      0,
      ['HEAD /v2/team/base/manifests/1'],
    ])
  })

  it('stand behind a name of --build-context', async () => {
    const { build, run } = builder('FROM base\nLABEL a=b\n')
    const done = await build(['--build-context', `base=docker-image://${name}`, '-t', 'x'])
    expect(done.code, done.stderr).toBe(0)
    expect(JSON.parse((await run(['inspect', 'x'])).stdout)).toMatchObject([
      { Config: { Labels: { a: 'b' } } },
    ])
  })

  it('survive a prune, and are asked for anew when a document of theirs is gone', async () => {
    const { build, run, home } = builder(`FROM ${name}\n`)
    await build()
    await run(['prune', '--grace', '0s'])
    expect((await build()).asked).toEqual(['HEAD /v2/team/base/manifests/1'])
    {
      await using store = await openStore({ path: storeOf(home) })
      await store.blobs.remove(seeded.amd64.digest as never)
    }
    const healed = await build()
    expect([healed.code, healed.asked.length]).toEqual([0, 2])
  })
})
