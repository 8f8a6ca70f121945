import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { baseLayout } from './base-images.js'
import type { Run } from './cooper.js'
import { distributionRegistry } from './distribution-registry.js'
import { type As, userWithIds, userWithoutIds } from './executor-users.js'
import { door } from './registry-door.js'
import { rivalDaemon } from './rival-daemon.js'
import { hasTool } from './rival-tools.js'
import { runExecutor } from './run-executor.js'
import { storeOf, workspace } from './workspace.js'

// Two machines are two stores. What steps of the first one put into a cache mount, those of the second find there.

const space = workspace('shared-cache-mounts')
const busybox = baseLayout('busybox', space)
const executor = await runExecutor(space)
const cannotRun = busybox === undefined || executor === undefined
const COOPER = fileURLToPath(new URL('../packages/cli/dist/bin.js', import.meta.url))
const OWNED = 'type=cache,target=/c,uid=5,gid=6,mode=0750'
const FILL = [
  'mkdir -p /c/d/e && echo one > /c/d/a && ln /c/d/a /c/d/b && ln -s a /c/d/l && mkfifo /c/d/p',
  'ln -s /etc/passwd /c/out && echo wh > /c/.wh.name && chown 7:8 /c/d/a && chmod 640 /c/d/a',
  'touch -d @1000000000 /c/d/a /c/d && head -c 300000 /dev/urandom > /c/big && md5sum /c/big > /c/sum',
].join(' && ')
const LOOK = [
  `stat -c '%n %a %u %g %F' /c /c/d/* /c/out /c/.wh.name && stat -c %Y /c/d /c/d/a`,
  'test /c/d/a -ef /c/d/b && readlink /c/d/l && readlink /c/out && md5sum -c /c/sum',
].join(' && ')

let contexts = 0

function build(machine: string, dockerfile: string, args: readonly string[]): Promise<Run> {
  const context = space.folder(`context-${contexts++}`, { Dockerfile: `FROM busybox\n${dockerfile}\n` })
  const base = ['--build-context', `busybox=oci-layout://${busybox}`]
  return space.run(['build', '--progress=plain', ...base, ...args, context], {
    env: { HOME: space.path(machine), ...(process.getuid?.() !== 0 && { PATH: process.env.PATH ?? '' }) },
  })
}

/** Builds and gives the file /x of the image. */
async function look(machine: string, dockerfile: string, args: readonly string[] = []) {
  const out = space.path(`out-${contexts}`)
  const run = await build(machine, dockerfile, [...args, '-o', out])
  return { ...run, x: existsSync(join(out, 'x')) ? readFileSync(join(out, 'x'), 'utf8') : undefined }
}

interface Layer {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
}

const inLayout = (layout: string, path: string) => join(layout, path)
const blobPath = (layout: string, digest: string) => inLayout(layout, `blobs/sha256/${digest.slice(7)}`)
const readJson = (path: string) => JSON.parse(readFileSync(path, 'utf8'))

/** The list of cache mounts of a cache, and the blobs that it names. */
function mountsOf(layout: string) {
  const [{ digest }] = readJson(inLayout(layout, 'index.json')).manifests
  const manifest = readJson(blobPath(layout, digest)) as { config: Layer; layers: Layer[] }
  const list = manifest.layers.find(({ mediaType }) => mediaType.includes('cache.mounts'))
  const records: Record<string, { diffId: string; size: number; layer: number }> =
    list === undefined ? {} : readJson(blobPath(layout, list.digest))
  const layers = Object.values(records).map(({ layer }) => manifest.layers[layer]!)
  return { digest, manifest, records, layers, list }
}

describe.skipIf(cannotRun)('cache mounts in a shared cache', () => {
  const cache = space.path('cache')
  const to = `--cache-to=type=local,dest=${cache},mounts=true`
  const from = `--cache-from=type=local,src=${cache},mounts=true`

  test('come to another machine with owners, modes, links and times', async () => {
    const first = await build('one', `RUN --mount=${OWNED} ${FILL}`, [to])
    expect(first.stderr).not.toContain('is not written')
    expect(first.code).toBe(0)
    const { layers } = mountsOf(cache)
    expect(layers.map(({ mediaType }) => mediaType)).toEqual(['application/vnd.oci.image.layer.v1.tar+gzip'])
    const there = await look('one', `RUN --mount=${OWNED} (${LOOK}) > /x`)
    expect(there.code).toBe(0)
    const here = await look('two', `RUN --mount=${OWNED} (${LOOK}) > /x`, [from])
    expect(here.stderr).toContain('importing cache mount /c from')
    expect(here.x).toContain('/c 750 5 6 directory\n/c/d/a 640 7 8 regular file')
    expect(here.x).toContain('/c/d/p 644 0 0 fifo')
    expect(here.x).toContain('1000000000\n1000000000\na\n/etc/passwd\n/c/big: OK')
    expect(here.x).toBe(there.x)
  })

  test('are written again as they were: the second machine gives the same cache', async () => {
    const before = mountsOf(cache)
    for (const machine of ['one', 'two']) {
      const again = space.path(`again-${machine}`)
      const target = `--cache-to=type=local,dest=${again},mounts=true`
      expect((await build(machine, `RUN --mount=${OWNED} ${FILL}`, [from, target])).code).toBe(0)
      expect(mountsOf(again).records).toEqual(before.records)
      expect(mountsOf(again).digest).toBe(before.digest)
    }
  })

  test('are read only where they are asked for, and only when a step runs', async () => {
    const plain = from.replace(',mounts=true', '')
    const empty = await look('three', `RUN --mount=${OWNED} ls /c | wc -l > /x`, [plain])
    expect(empty.x).toBe('0\n')
    const cached = await build('four', `RUN --mount=${OWNED} ${FILL}`, [from])
    expect(cached.stderr).toContain('(1 of 1 steps from the cache)')
    expect(cached.stderr).not.toContain('importing cache mount')
    expect(readdirSync(join(storeOf(space.path('four')), 'caches'))).toEqual([])
  })

  test('never replace what is here', async () => {
    await build('five', `RUN --mount=${OWNED} echo mine > /c/mine`, [])
    const run = await look('five', `RUN --mount=${OWNED} ls /c > /x`, [from])
    expect(run.x).toBe('mine\n')
  })

  test('of another id, owner or namespace are others', async () => {
    for (const [options, args] of [
      [`${OWNED},id=other`, []],
      ['type=cache,target=/c', []],
      [OWNED, ['--build-arg', 'BUILDKIT_CACHE_MOUNT_NS=n']],
    ] as const) {
      const run = await look('six', `RUN --mount=${options} ls /c | wc -l > /x`, [from, ...args])
      expect(run.x).toBe('0\n')
    }
  })

  test('that are not here are handed on from the cache that has them', async () => {
    const next = space.path('next')
    const run = await build('seven', `RUN --mount=${OWNED} ${FILL}`, [
      from,
      `--cache-to=type=local,dest=${next},mounts=true`,
    ])
    expect(run.stderr).toContain('(1 of 1 steps from the cache)')
    expect(mountsOf(next).records).toEqual(mountsOf(cache).records)
  })

  test('that another build uses are waited for, and left out when it stays', async () => {
    const busy = space.path('busy-cache')
    const [held, free] = ['held', 'free'].map((id) => `--mount=type=cache,target=/${id}`)
    const file = `RUN ${held} ${free} touch /held/x /free/x`
    expect((await build('busy', file, [])).code).toBe(0)
    const other = build('busy', `RUN ${held},sharing=locked touch /held/half && sleep 25`, [])
    const half = () =>
      spawnSync('find', [join(storeOf(space.path('busy')), 'caches'), '-name', 'half']).stdout
    while (half().length === 0) await sleep(50)
    const run = await build('busy', file, [`--cache-to=type=local,dest=${busy},mounts=true`])
    expect(half().length).toBeGreaterThan(0)
    expect(run.code).toBe(0)
    expect(run.stderr).toContain('the cache mount /held is not written: another build uses it')
    expect(mountsOf(busy).layers).toHaveLength(1)
    expect((await other).code).toBe(0)
  })

  test('that begin with a stage are found by what that holds', async () => {
    const seeded = space.path('seeded')
    const file = (seed: string, command: string) =>
      `RUN echo\nFROM busybox AS seed\nRUN mkdir /s && echo ${seed} > /s/seed\nFROM busybox\n` +
      `RUN --mount=type=cache,target=/m,from=seed,source=/s ${command}`
    await build('eight', file('a', 'echo more > /m/more'), [
      `--cache-to=type=local,dest=${seeded},mounts=true,mode=max,compression=uncompressed`,
    ])
    const args = [`--cache-from=type=local,src=${seeded},mounts=true`]
    expect((await look('nine', file('a', 'cat /m/* > /x'), args)).x).toBe('more\na\n')
    expect((await look('nine', file('b', 'cat /m/* > /x'), args)).x).toBe('b\n')
  })

  test('hold no secret', async () => {
    const secret = space.path('secret')
    writeFileSync(space.path('token'), 'canary-of-the-test')
    const run = await build(
      'ten',
      'RUN --mount=type=secret,id=t --mount=type=cache,target=/c --mount=type=tmpfs,target=/c/t ' +
        'cp /run/secrets/t /c/t/t && echo x > /c/x',
      [
        `--secret=id=t,src=${space.path('token')}`,
        `--cache-to=type=local,dest=${secret},mounts=true,compression=uncompressed`,
      ],
    )
    expect(run.code).toBe(0)
    expect(mountsOf(secret).layers).toHaveLength(1)
    expect(spawnSync('grep', ['-rq', 'canary-of-the-test', secret]).status).toBe(1)
  })
})

describe.skipIf(cannotRun)('a cache mount that a cache does not give', () => {
  const EMPTY = `RUN --mount=type=cache,target=/c ls -A /c | wc -l > /x`
  let machines = 0

  /** A cache as somebody else may have written it, and what a build makes of it. */
  async function importFrom(name: string, archive: Uint8Array, lie: { readonly size?: number } = {}) {
    const cache = await written(name)
    const { manifest, records, list } = mountsOf(cache)
    const [key = ''] = Object.keys(records)
    const blob = put(cache, gzipSync(archive))
    const layers = [...manifest.layers]
    layers[records[key]!.layer] = { mediaType: layers[0]!.mediaType, ...blob }
    const record = { diffId: digest(archive), size: lie.size ?? archive.length, layer: records[key]!.layer }
    layers[layers.indexOf(list!)] = {
      mediaType: list!.mediaType,
      ...put(cache, Buffer.from(JSON.stringify({ [key]: record }))),
    }
    publish(cache, { ...manifest, layers })
    return importing(cache)
  }

  async function written(name: string): Promise<string> {
    const cache = space.path(`bad-${name}`)
    const run = await build('writer', 'RUN --mount=type=cache,target=/c echo good > /c/good', [
      `--cache-to=type=local,dest=${cache},mounts=true`,
    ])
    expect(run.code).toBe(0)
    return cache
  }

  const importing = (cache: string) =>
    look(`victim-${machines++}`, EMPTY, [`--cache-from=type=local,src=${cache},mounts=true`])

  const digest = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

  function put(cache: string, bytes: Uint8Array) {
    writeFileSync(blobPath(cache, digest(bytes)), bytes)
    return { digest: digest(bytes), size: bytes.length }
  }

  function publish(cache: string, manifest: object): void {
    const path = inLayout(cache, 'index.json')
    const index = readJson(path)
    Object.assign(index.manifests[0], put(cache, Buffer.from(JSON.stringify(manifest))))
    writeFileSync(path, JSON.stringify(index))
  }

  /** An archive of GNU tar, names as they are told. */
  function tar(name: string, ...rename: string[]): Buffer {
    const folder = space.folder(`tar-${name}`, { 'd/f': 'evil' })
    execFileSync('ln', ['-sfn', '/etc', join(folder, 'link')])
    if (!existsSync(join(folder, 'dev'))) spawnSync('mknod', [join(folder, 'dev'), 'c', '1', '3'])
    return execFileSync('tar', ['-c', '-P', '-C', folder, ...rename.map((one) => `--transform=${one}`), '.'])
  }

  test('because a blob is damaged or gone is a warning', async () => {
    const cache = await written('damaged')
    const [layer] = mountsOf(cache).layers
    const path = blobPath(cache, layer!.digest)
    const bytes = readFileSync(path)
    bytes[bytes.length - 9]! ^= 1
    writeFileSync(path, bytes)
    const run = await importing(cache)
    expect(run.stderr).toContain('the cache mount /c from')
    expect(run.stderr).toContain('is not used')
    expect([run.code, run.x]).toEqual([0, '0\n'])
    execFileSync('rm', [path])
    const gone = await importing(cache)
    expect(gone.stderr).toContain('is not used')
    expect([gone.code, gone.x]).toEqual([0, '0\n'])
  })

  test('because its list is none is a warning', async () => {
    const cache = await written('list')
    const { manifest, list } = mountsOf(cache)
    const layers = manifest.layers.map((layer) =>
      layer === list ? { mediaType: layer.mediaType, ...put(cache, Buffer.from('{"x":1}')) } : layer,
    )
    publish(cache, { ...manifest, layers })
    const run = await importing(cache)
    expect(run.stderr).toContain('the cache mounts of')
    expect([run.code, run.x]).toEqual([0, '0\n'])
  })

  test.each([
    ['upwards', 's,^\\./d/f$,../../../escaped,', 'leads upwards'],
    ['absolute', 's,^\\./d/f$,/tmp/cooper-escaped,', 'absolute'],
  ])('because a name leads %s is a warning', async (name, rename, why) => {
    const run = await importFrom(name, tar(name, rename))
    expect(run.stderr).toContain('is not used')
    expect(run.stderr).toContain(why)
    expect([run.code, run.x]).toEqual([0, '0\n'])
    expect(existsSync('/tmp/cooper-escaped')).toBe(false)
  })

  test('because it is larger than it says is a warning', async () => {
    const archive = Buffer.concat([tar('bomb'), Buffer.alloc(1 << 22)])
    const run = await importFrom('bomb', archive, { size: 10_240 })
    expect(run.stderr).toContain('it has more than 10240 bytes')
    expect([run.code, run.x]).toEqual([0, '0\n'])
    const huge = await importFrom('huge', archive, { size: 2 ** 40 })
    expect(huge.stderr).toContain('it has more than 17179869184 bytes')
    expect(huge.code).toBe(0)
  })

  test('a link that leads out leads nowhere, and devices are left out', async () => {
    const before = readFileSync('/etc/passwd')
    const archive = tar('links', 's,^\\./d/f$,./link/cooper-escaped,')
    const run = await importFrom('links', archive)
    expect(run.code).toBe(0)
    expect(existsSync('/etc/cooper-escaped')).toBe(false)
    expect(readFileSync('/etc/passwd')).toEqual(before)
    const devices = await importFrom('devices', tar('devices'))
    // The folder and the link.
    expect([devices.code, devices.x]).toEqual([0, '2\n'])
  })
})

describe.skipIf(cannotRun || !hasTool('docker-registry'))('cache mounts in a registry', () => {
  const file = (command: string) => `RUN --mount=${OWNED} ${command}`

  test('come to another machine, and what it has is not sent again', async () => {
    const registry = await door(await distributionRegistry())
    const ref = `${registry.host}/app:cache`
    const to = `--cache-to=type=registry,ref=${ref},mounts=true`
    const from = `--cache-from=type=registry,ref=${ref},mounts=true`
    const first = await build('r1', file(FILL), [to])
    expect(first.stderr).not.toContain('is not written')
    expect(uploads(registry.asked).length).toBeGreaterThan(0)
    const second = await look('r2', file(`(${LOOK}) > /x`), [from])
    expect(second.x).toContain('/c/big: OK')

    for (const machine of ['r1', 'r2']) {
      registry.asked.length = 0
      const again = await build(machine, file(FILL), [from, to])
      expect(again.code).toBe(0)
      expect(registry.asked.length).toBeGreaterThan(0)
      expect(uploads(registry.asked)).toEqual([])
    }
  })

  const uploads = (asked: readonly string[]) => asked.filter((line) => /^(?:POST|PATCH) /.test(line))

  test('are no trouble to BuildKit: it finds nothing in a cache of ours, and builds', async () => {
    const daemon = await rivalDaemon()
    if (daemon === undefined) return
    await using _ = daemon
    const registry = await distributionRegistry()
    const context = space.folder('buildkit', { Dockerfile: 'FROM scratch\nCOPY Dockerfile /\n' })
    const docker = daemon.docker()
    for (const mounts of ['false', 'true']) {
      const ref = `${registry.host}/bk:${mounts}`
      const dir = space.path(`bk-${mounts}`)
      for (const target of [`type=registry,ref=${ref}`, `type=local,dest=${dir}`]) {
        const run = await build('bk', file(FILL), [`--cache-to=${target},mounts=${mounts}`])
        expect(run.stderr).not.toContain('is not written')
      }
      for (const source of [`type=registry,ref=${ref}`, `type=local,src=${dir}`]) {
        const options = ['--progress=plain', `--cache-from=${source}`, '-o', `type=local,dest=${dir}-out`]
        docker(['build', '--network=host', ...options, context])
        expect(existsSync(`${dir}-out/Dockerfile`)).toBe(true)
        rmSync(`${dir}-out`, { recursive: true })
      }
    }
  })
})

const ordinary = userWithIds()
afterAll(() => ordinary.remove())

/** Machines on which steps run for somebody who is not root. */
const USERS: readonly (readonly [string, As, string])[] = [
  ['with subordinate ids', ordinary.as, '5 6 750\n7 8 640\n'],
  // All files have one owner there; what he wrote is the mount's owner's elsewhere.
  ['without', userWithoutIds(), '0 0 750\n0 0 640\n'],
]

describe.skipIf(cannotRun)('cache mounts of a user', () => {
  const file = (command: string) => `RUN --mount=${OWNED} ${command}`
  const fill = (owner: string) =>
    `mkdir /c/d && echo one > /c/d/f && chown ${owner} /c/d/f && chmod 640 /c/d/f`
  const show = `stat -c '%u %g %a' /c /c/d/f > /x; cat /c/d/f`

  /** A home of this user, and in it a cache that root has written. */
  async function homeWithCache(name: string, as: readonly string[], command: string) {
    const home = space.path(name)
    mkdirSync(join(home, 'context'), { recursive: true })
    chmodSync(space.root, 0o755)
    const cache = join(home, 'from')
    const written = await build(`root ${name}`, file(command), [
      `--cache-to=type=local,dest=${cache},mounts=true`,
    ])
    expect(written.code).toBe(0)
    const [, uid = ''] = /--reuid=(\S+)/.exec(as.join(' ')) ?? []
    execFileSync('chown', ['-R', uid, home])
    const run = (args: readonly string[]) => {
      const [program = '', ...rest] = [...as, process.execPath, COOPER, ...args]
      return spawnSync(program, rest, {
        env: { PATH: process.env.PATH, HOME: home },
        encoding: 'utf8',
        cwd: home,
      })
    }
    return {
      path: (below: string) => join(home, below),
      run,
      importing(line: string, ...args: readonly string[]) {
        writeFileSync(join(home, 'context/Dockerfile'), `FROM busybox\n${line}\n`)
        const base = ['--build-context', `busybox=oci-layout://${busybox}`]
        const from = ['--cache-from', `type=local,src=${cache},mounts=true`]
        const to = ['-o', join(home, 'out'), ...args, join(home, 'context')]
        return run(['build', '--progress=plain', ...base, ...from, ...to])
      },
    }
  }

  test.each(USERS)('%s', async (name, as, seen) => {
    if (as === undefined) return
    const { path, importing, run } = await homeWithCache(name, as, fill('7:8'))
    const to = path('to')
    const built = importing(file(show), '--cache-to', `type=local,dest=${to},mounts=true`)
    expect(built.stderr).toContain('importing cache mount /c')
    expect(built.stderr).not.toContain('is not used')
    expect(built.stderr).not.toContain('is not written')
    expect(built.stderr).toContain('built sha256:')
    expect(readFileSync(path('out/x'), 'utf8')).toBe(seen)
    const back = await look(`back ${name}`, file(`: again; ${show}`), [
      `--cache-from=type=local,src=${to},mounts=true`,
    ])
    expect(back.x).toBe(seen === USERS[0]![2] ? seen : '5 6 750\n5 6 640\n')

    const pruned = run(['prune', '--grace=0s', '--unused-for=0s'])
    expect(pruned.stderr).toBe('')
    const caches = readdirSync(join(storeOf(path('')), 'caches'), { recursive: true, encoding: 'utf8' })
    expect(caches.filter((one) => /\/\d+$/.test(one))).toEqual([])
  })

  test('who lacks an owner of it: what was unpacked so far is gone, and the cache is empty', async () => {
    if (ordinary.as === undefined) return
    const { path, importing } = await homeWithCache('lacking', ordinary.as, fill('3000000:3000000'))
    const built = importing(file('find /c > /x; stat -c "%u %g %a" /c >> /x'))
    expect(built.stderr).toContain('the cache mount /c from')
    expect(built.stderr).toContain('is not used')
    expect(built.status).toBe(0)
    expect(readFileSync(path('out/x'), 'utf8')).toBe('/c\n5 6 750\n')
  })
})
