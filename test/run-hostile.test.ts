import { spawn, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { baseLayout } from './base-images.js'
import { layoutOf } from './layout-of.js'
import { runBuilds } from './run-builds.js'
import { runExecutor } from './run-executor.js'
import { type Spec, tarOf } from './tar-of.js'
import { workspace } from './workspace.js'

const space = workspace('run-hostile')
const busybox = baseLayout('busybox', space)
const executor = await runExecutor(space)
const COOPER = fileURLToPath(new URL('../packages/cli/dist/bin.js', import.meta.url))
const BASE = ['--build-context', `busybox=oci-layout://${busybox}`]
const { context, cooper } = runBuilds(space, BASE)
let images = 0

describe.skipIf(busybox === undefined || executor === undefined)('an image made to do harm', () => {
  const bin = () => ({ name: 'bin/busybox', content: readFileSync('/bin/busybox'), mode: 0o755 })
  const SHELL: readonly Spec[] = [
    { name: 'bin/' },
    ...['sh', 'id', 'cat', 'ls', 'echo'].map(
      (name): Spec => ({ name: `bin/${name}`, type: 'symlink', linkname: 'busybox', mode: 0o777 }),
    ),
  ]

  async function withImage(specs: readonly Spec[], dockerfile: string) {
    const name = `bad${images++}`
    const base = layoutOf(space.path(name), { layers: [tarOf([...SHELL, bin(), ...specs])] })
    return cooper([
      'build',
      '--progress=plain',
      '--build-context',
      `base=${base}`,
      context(`FROM base\n${dockerfile}`),
    ])
  }

  it('cannot lead mounts elsewhere', async () => {
    const canary = space.folder('victim', { resolv: 'untouched' })
    for (const specs of [
      [{ name: 'proc', type: 'symlink', linkname: '/bin', mode: 0o777 }],
      [{ name: 'sys', content: 'a file' }],
      [{ name: 'dev', type: 'symlink', linkname: '../../..', mode: 0o777 }],
      [{ name: 'etc', type: 'symlink', linkname: 'proc', mode: 0o777 }],
      [{ name: 'etc/' }, { name: 'etc/resolv.conf/' }],
    ] as const) {
      const { code, stderr } = await withImage(specs as readonly Spec[], 'RUN true\n')
      expect([code, stderr]).toEqual([1, expect.stringContaining('error[E_MOUNT_TARGET]')])
    }
    for (const linkname of [join(canary, 'resolv'), `../../../../../..${canary}/resolv`]) {
      const specs: Spec[] = [
        { name: 'etc/' },
        { name: 'etc/resolv.conf', type: 'symlink', linkname, mode: 0o777 },
      ]
      const { code, stderr } = await withImage(specs, 'RUN cat /etc/resolv.conf > /x\n')
      expect(code, stderr).toBe(0)
    }
    expect(readFileSync(join(canary, 'resolv'), 'utf8')).toBe('untouched')
  })

  it('cannot make its users somebody else', async () => {
    for (const [specs, user] of [
      [
        [{ name: 'etc/' }, { name: 'etc/passwd', type: 'symlink', linkname: '/proc/self/mem', mode: 0o777 }],
        'x',
      ],
      [[{ name: 'etc/' }, { name: 'etc/passwd', type: 'fifo' }], 'x'],
      [[{ name: 'etc/' }, { name: 'etc/passwd', content: 'x:x:4294967296:0::/:/bin/sh\n' }], '4294967296'],
      [[{ name: 'etc/' }, { name: 'etc/passwd', content: Buffer.alloc(11 << 20, 'x:x:0:0:::\n') }], 'x'],
    ] as const) {
      const { code, stderr } = await withImage(specs as readonly Spec[], `USER ${user}\nRUN id\n`)
      expect([code, stderr]).toEqual([1, expect.stringMatching(/error\[E_(?:USER_|LIMIT)/)])
    }
  })

  it('cannot choose a working directory in the kernel', async () => {
    const layers = [
      tarOf([...SHELL, bin(), { name: 'w', type: 'symlink', linkname: '/proc/self/fd', mode: 0o777 }]),
    ]
    for (const WorkingDir of ['/proc/self/fd/8', '/w/8', '/sys', '/dev/fd']) {
      const base = layoutOf(space.path(`wd${images++}`), { layers, config: { WorkingDir } })
      const { stderr } = await cooper([
        'build',
        '--build-context',
        `base=${base}`,
        context('FROM base\nRUN true\n'),
      ])
      expect(stderr).toContain('error[E_WORKDIR_FORBIDDEN]')
    }
  })
})

describe.skipIf(busybox === undefined || executor === undefined)('a secret', () => {
  it('is seen by its step, and nowhere else', async () => {
    const canary = `canary-${process.hrtime.bigint().toString(36)}-${Math.random().toString(36).slice(2)}`
    writeFileSync(space.path('secret'), `${canary}\n`)
    const text =
      'RUN --mount=type=secret,id=s test "$(cat /run/secrets/s)" = "$(cat /run/secrets/s)" && cp /run/secrets/s /dev/shm/copy && wc -c < /run/secrets/s && cat /run/secrets/s\n' +
      'RUN --mount=type=secret,id=s,env=TOKEN --mount=type=cache,target=/c test -n "$TOKEN" && echo ready && sleep 0.5 && env\n' +
      'RUN ls /run/secrets /run 2>&1; env | grep TOKEN; echo done\n' +
      'RUN --mount=type=secret,id=s,env=TOKEN exit 1\n'
    const home = space.folder('secret-home', { 'tmp/x': '' })
    const child = spawn(
      process.execPath,
      [
        COOPER,
        'build',
        '--progress=rawjson',
        '--secret',
        'id=s,src=secret',
        '-t',
        's:1',
        ...BASE,
        context(text),
      ],
      { cwd: space.root, env: { PATH: process.env.PATH, HOME: home, TMPDIR: join(home, 'tmp') } },
    )
    let said = ''
    let lines = ''
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
    const done = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)))
    let watching = true
    const watch = (async () => {
      while (watching) {
        for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
          try {
            lines += readFileSync(`/proc/${pid}/cmdline`, 'latin1')
          } catch {
            // It has ended.
          }
        }
        await sleep(20)
      }
    })()
    expect(await done).toBe(1)
    watching = false
    await watch
    const logs = [...said.matchAll(/"data":"([^"]*)"/g)].map(([, data]) =>
      Buffer.from(data!, 'base64').toString(),
    )
    expect(logs.join('')).toContain(`${canary.length + 1}\n***\n`)
    expect(logs.join('')).toContain('TOKEN=***')
    expect(said + logs.join('')).not.toContain(canary)
    expect(lines).toContain('rawjson')
    expect(lines).not.toContain(canary)
    const found = spawnSync('grep', ['-rlF', canary, home], { encoding: 'utf8' })
    expect(found.stdout).toBe('')
    expect(spawnSync('grep', ['-c', 'ready', '-r', home], { encoding: 'utf8' }).status).toBe(0)
  })
})
