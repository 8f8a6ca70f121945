import { readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type BuildOptions, type BuildResult, build, chooseExecutor, directory } from '@cooperage/builder'
import { openStore } from '@cooperage/store'
import { describe, expect, it } from 'vitest'
import { baseLayout } from './base-images.js'
import { runExecutor } from './run-executor.js'
import { workspace } from './workspace.js'

const space = workspace('run-cache')
const busybox = baseLayout('busybox', space)
const executor = await runExecutor(space)
let contexts = 0

type Options = Partial<Omit<BuildOptions, 'store' | 'context'>>

interface Shop {
  readonly context: string
  readonly store: string
  build(options?: Options): Promise<BuildResult>
}

function shop(dockerfile: string, files: Readonly<Record<string, string>> = {}): Shop {
  const number = contexts++
  const context = space.folder(`context-${number}`, { ...files, Dockerfile: dockerfile })
  const path = space.path(`store-${number}`)
  return {
    context,
    store: path,
    async build(options = {}) {
      await using store = await openStore({ path, durability: 'none' })
      const { run, ...rest } = options
      return await build({
        store,
        context: directory(context),
        buildContexts: { busybox: { kind: 'oci-layout', path: busybox! } },
        run: { executor: executor!, ...run },
        ...rest,
      })
    },
  }
}

const cached = ({ stats }: BuildResult) => stats.cached

describe.skipIf(busybox === undefined || executor === undefined)('a RUN that ran before', () => {
  it('is found, and gives the same image', async () => {
    const { build } = shop('FROM busybox\nRUN echo a > /a\nRUN head -c 9 /dev/urandom > /b\n')
    const first = await build()
    const second = await build()
    expect([cached(first), cached(second)]).toEqual([0, 2])
    expect(second.imageId).toBe(first.imageId)
    const anew = await build({ noCache: true })
    expect(cached(anew)).toBe(0)
    expect(anew.imageId).not.toBe(first.imageId)
  })

  it('reads no layer and unpacks nothing', async () => {
    const one = shop('FROM busybox\nRUN echo a > /a\n')
    const first = await one.build()
    rmSync(join(one.store, 'trees'), { recursive: true })
    // A layer that was read would be missed: only its length is looked at.
    for (const digest of first.config.rootfs.diff_ids) {
      const hex = digest.slice('sha256:'.length)
      writeFileSync(join(one.store, 'blobs/sha256', hex.slice(0, 2), hex), 'damaged', { flag: 'r+' })
    }
    expect(cached(await one.build())).toBe(1)
    expect(readdirSync(join(one.store, 'trees'))).toEqual([])
  })

  it.skipIf(process.getuid?.() !== 0)(
    'where less is isolated is of no use where more is, and the other way round it is',
    async () => {
      const text = 'FROM busybox\nRUN ls /proc | wc -l > /n\n'
      const weak = { executor: await chooseExecutor({ isolation: 'chroot', directory: space.root }) }
      const one = shop(text)
      expect(cached(await one.build({ run: weak }))).toBe(0)
      expect(cached(await one.build({ run: weak }))).toBe(1)
      expect(cached(await one.build())).toBe(0)
      const other = shop(text)
      const strong = await other.build()
      const found = await other.build({ run: weak })
      expect([cached(found), found.imageId]).toEqual([1, strong.imageId])
    },
  )

  const FILE = 'FROM busybox\nARG A=1\nENV E=1\nWORKDIR /w\nUSER 5\nRUN --mount=type=tmpfs,target=/t true\n'
  const change = (from: string, to: string) => FILE.replace(from, to)

  it.each([
    ['another command', change('true', 'true; true')],
    ['exec form', change('true', '["true"]')],
    ['another argument', change('A=1', 'A=2')],
    ['one argument more', change('USER', 'ARG B=x\nUSER')],
    ['another variable', change('E=1', 'E=2')],
    ['another directory', change('/w', '/w2')],
    ['another user', change('USER 5', 'USER 6')],
    ['another shell', change('RUN', 'SHELL ["/bin/ash", "-c"]\nRUN')],
    ['another target', change('/t', '/t2')],
    ['another size', change('/t', '/t,size=1m')],
    ['another type of mount', change('tmpfs', 'cache')],
    ['no mount', change('--mount=type=tmpfs,target=/t ', '')],
    ['no network', change('RUN', 'RUN --network=none')],
    ['a secret', change('RUN', 'RUN --mount=type=secret,id=a')],
    ['an agent', change('RUN', 'RUN --mount=type=ssh')],
    ['another file below', change('WORKDIR', 'COPY Dockerfile /\nWORKDIR')],
  ])('is another one with %s', async (_, dockerfile) => {
    const one = shop(FILE)
    await one.build()
    writeFileSync(join(one.context, 'Dockerfile'), dockerfile)
    const { stats } = await one.build()
    // WORKDIR is known unless it is what changed.
    expect(stats.steps - stats.cached).toBeGreaterThan(0)
    expect(stats.cached).toBeLessThanOrEqual(1)
  })

  it.each<[string, Options, Options]>([
    ['another host name', {}, { buildArgs: { BUILDKIT_SANDBOX_HOSTNAME: 'x' } }],
    ['another name in /etc/hosts', {}, { run: { extraHosts: [{ host: 'h', address: '1.2.3.4' }] } }],
    ['a limit', {}, { run: { ulimits: [{ name: 'nofile', soft: 64, hard: 64 }] } }],
    ['more shared memory', {}, { run: { shmSize: 1 << 20 } }],
    ['the network of the build', {}, { run: { network: 'none' } }],
    ['another epoch', { sourceDateEpoch: 1 } as Options, { sourceDateEpoch: 2 } as Options],
  ])('is another one with %s', async (_, first, second) => {
    const { build } = shop('FROM busybox\nRUN true\n')
    await build(first)
    expect(cached(await build(second))).toBe(0)
  })

  it.each<[string, Options, Options]>([
    [
      'another address in /etc/hosts',
      { run: { extraHosts: [{ host: 'h', address: '1.2.3.4' }] } },
      { run: { extraHosts: [{ host: 'h', address: '5.6.7.8' }] } },
    ],
    ['a proxy', {}, { buildArgs: { HTTP_PROXY: 'http://x' } }],
    ['less memory', {}, { run: { resources: { memory: 1 << 30 } } }],
    ['a right that it does not use', {}, { run: { allow: ['network.host'] } }],
    ['an argument that it does not have', { buildArgs: { X: '1' } }, { buildArgs: { X: '2' } }],
  ])('is the same with %s', async (_, first, second) => {
    const { build } = shop('FROM busybox\nRUN true\n')
    const one = await build(first)
    const two = await build(second)
    expect(cached(two)).toBe(1)
    expect(two.imageId).toBe(one.imageId)
  })

  it('has a file as a cache that begins with one', async () => {
    const mount = '--mount=type=cache,id=k,from=s,source=/f,target=/c'
    const { build } = shop(
      'FROM busybox AS s\nRUN echo x > /f && chmod 640 /f\nFROM busybox\n' +
        `RUN ${mount} test -f /c && test "$(stat -c %a /c)" = 640 && echo y >> /c\n` +
        `RUN ${mount} test "$(cat /c)" = "$(printf 'x\\ny')"\n`,
    )
    expect(cached(await build())).toBe(0)
  })

  it.each([
    ['locked', 'shared'],
    ['shared', 'locked'],
    ['locked', 'locked'],
    ['private', 'shared'],
    ['private', 'private'],
  ])('has one directory for two mounts of a cache, %s and %s', { timeout: 60_000 }, async (one, two) => {
    const mount = (target: string, sharing: string) =>
      `--mount=type=cache,target=/${target},id=k,sharing=${sharing}`
    const { build } = shop(
      `FROM busybox\nRUN ${mount('a', one)} ${mount('b', two)} echo a > /a/f; test -e /b/f\n`,
    )
    // A step that waits for itself ends with this.
    const signal = AbortSignal.timeout(40_000)
    const lent = executor?.mounts.includes('bind') === false
    if (lent) await expect(build({ signal })).rejects.toMatchObject({ code: 'E_RUN' })
    else expect((await build({ signal })).stats.steps).toBeGreaterThan(0)
  })

  it('is the same whatever a secret, a cache or the name of a cache holds', async () => {
    const text = (id: string) =>
      `FROM busybox\nRUN --mount=type=secret,id=s --mount=type=cache,target=/c,id=${id} cat /run/secrets/s > /c/f\n`
    const one = shop(text('a'))
    await one.build({ secrets: { s: Buffer.from('first') } })
    expect(cached(await one.build({ secrets: { s: Buffer.from('second') } }))).toBe(1)
    expect(cached(await one.build())).toBe(1)
    writeFileSync(join(one.context, 'Dockerfile'), text('b'))
    expect(cached(await one.build({ secrets: { s: Buffer.from('third') } }))).toBe(1)
  })

  it('is told by what it mounts, not by when that was written', async () => {
    const one = shop('FROM busybox\nRUN --mount=source=d,target=/m cp -r /m /n\n', {
      'd/f': 'one',
      other: 'x',
    })
    await one.build()
    utimesSync(join(one.context, 'd/f'), 1000, 1000)
    writeFileSync(join(one.context, 'other'), 'y')
    expect(cached(await one.build())).toBe(1)
    writeFileSync(join(one.context, 'd/f'), 'two')
    await sleep(30)
    expect(cached(await one.build())).toBe(0)
  })

  it('is told by what the stage holds that it mounts', async () => {
    const text = (content: string) =>
      `FROM busybox AS a\nRUN mkdir /o; echo ${content} > /x; echo same > /o/f\nFROM busybox\nRUN --mount=from=a,source=/o,target=/m cp /m/f /f\n`
    const one = shop(text('first'))
    await one.build()
    writeFileSync(join(one.context, 'Dockerfile'), text('second'))
    expect((await one.build()).stats).toMatchObject({ steps: 2, cached: 1 })
  })
})

describe.skipIf(busybox === undefined || executor === undefined)('an epoch', () => {
  it('is the latest time in the layer, and the next step sees it', async () => {
    const { build } = shop(
      'FROM busybox\nRUN touch /a /b && touch -d @1000 /old\nRUN stat -c %Y /a /old > /seen; cat /seen\n',
    )
    const one = await build({ buildArgs: { SOURCE_DATE_EPOCH: '1500000000' } })
    const two = await build({ buildArgs: { SOURCE_DATE_EPOCH: '1500000000' }, noCache: true })
    expect(two.imageId).toBe(one.imageId)
    expect(one.config.created).toBe('2017-07-14T02:40:00Z')
  })
})
