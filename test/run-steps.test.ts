import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { closeSync, openSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { baseLayout } from './base-images.js'
import { layoutOf } from './layout-of.js'
import { hasTool } from './rival-tools.js'
import { runBuilds } from './run-builds.js'
import { runExecutor } from './run-executor.js'
import { type Spec, tarOf } from './tar-of.js'
import { storeOf, workspace } from './workspace.js'

const space = workspace('run-steps')
const busybox = baseLayout('busybox', space)
const executor = await runExecutor(space)
const COOPER = fileURLToPath(new URL('../packages/cli/dist/bin.js', import.meta.url))
const BASE = ['--build-context', `busybox=oci-layout://${busybox}`]
const { context, cooper, built } = runBuilds(space, BASE)

const store = () => storeOf(space.root)
/** What builds have left behind in the store. */
const leftovers = () => readdirSync(join(store(), 'trees')).filter((name) => name.startsWith('tmp.'))
const mounts = () =>
  readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .filter((line) => line.includes(space.root))

function quoted(args: readonly string[]): string {
  return [process.execPath, COOPER, ...args].map((word) => `'${word}'`).join(' ')
}

/** Runs a command on a terminal, and types this once there is a prompt. */
async function typed(command: string, text: string): Promise<{ code: unknown; shown: string }> {
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    cwd: space.root,
    env: { PATH: process.env.PATH, HOME: space.root, TERM: 'dumb' },
  })
  let shown = ''
  let asked = false
  child.stdout.on('data', (chunk: Buffer) => {
    shown += chunk.toString()
    if (asked || !shown.includes('/ # ')) return
    asked = true
    child.stdin.write(text)
  })
  const code = await new Promise((resolve) => child.once('close', resolve))
  return { code, shown }
}

describe.skipIf(busybox === undefined || executor === undefined)('a step', () => {
  it('that fails says how, where, and what it wrote last', async () => {
    const { code, stderr } = await built(
      'RUN i=0; while [ $i -lt 30 ]; do echo line $i; i=$((i+1)); done; exit 7\n',
    )
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error\[E_RUN\]: the step failed: RUN .*: exit code 7$/m)
    expect(stderr).toMatch(/^Dockerfile:2$/m)
    const tail = stderr.slice(stderr.indexOf('  output:'))
    expect(tail).toContain('    line 10\n')
    expect(tail).toContain('    line 29\n')
    expect(tail).not.toContain('line 9\n')
    expect(leftovers()).toEqual([])
  })

  it('that is ended by a signal says which', async () => {
    const { stderr } = await built(`RUN sh -c 'kill -9 $$'; exit $?\n`)
    expect(stderr).toMatch(/^error\[E_RUN\]: .*: exit code 137$/m)
  })

  it.skipIf(process.getuid?.() !== 0)('that takes more memory than it may have says so', async () => {
    const { code, stderr } = await built('RUN head -c 300m /dev/zero | tail -c 290m > /dev/null\n', [
      '--resource',
      'memory=64m',
    ])
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error\[E_RUN\]: .*: it ran out of memory$/m)
  })

  it('that finds no program says what the image lacks', async () => {
    const files = { f: 'x' }
    const cases: [string, RegExp][] = [
      [
        'FROM scratch\nCOPY f /\nRUN true\n',
        /there is no \/bin\/sh in the image[\s\S]*; a RUN in the form of a list needs no shell$/m,
      ],
      ['RUN ["/no/such"]\n', /there is no \/no\/such in the image[\s\S]*, or run something that is there$/m],
      [
        'RUN --network=none ["nosuch"]\n',
        /there is no nosuch in PATH of the image[\s\S]*, or write the path at which it is$/m,
      ],
      ['RUN echo x > /p; chmod 644 /p\nRUN ["/p"]\n', /\/p is not executable \(mode 644\)/],
      ['RUN echo nonsense > /p; chmod 755 /p\nRUN ["/p"]\n', /exec format error: \/p is neither/],
      [
        'RUN printf "#!/no/shell\\n" > /p; chmod 755 /p\nRUN ["/p"]\n',
        /\/p is a script for \/no\/shell, which/,
      ],
      ['RUN rm -rf /bin\nRUN true\n', /there is no \/bin\/sh in the image/],
    ]
    for (const [dockerfile, message] of cases) {
      const { code, stderr } = await cooper(['build', ...BASE, context(dockerfile, files)])
      expect([code, stderr]).toEqual([1, expect.stringMatching(message)])
      expect(stderr).toMatch(/^error\[E_RUN\]/m)
    }
  })

  it.skipIf(process.getuid?.() !== 0)(
    'has ids as large as the image says, and none that cannot be read',
    async () => {
      const user = (line: string) =>
        `RUN echo '${line}::/:/bin/sh' >> /etc/passwd\nUSER u\nRUN id -u; touch /tmp/f\n`
      expect((await built(user('u:x:3000000000:5'))).said).toEqual(['3000000000'])
      const { code, stderr } = await built(user('u:x:-5:5'))
      expect([code, stderr]).toEqual([
        1,
        expect.stringMatching(/^error\[E_USER_RANGE\]: .*u:x:-5:5.*\nDockerfile:4$/m),
      ])
    },
  )

  it('of another architecture says so', async () => {
    const program = Buffer.from(readFileSync('/proc/self/exe').subarray(0, 4096))
    program.writeUInt16LE(process.arch === 'arm64' ? 62 : 183, 18)
    const layer = tarOf([{ name: 'bin/' }, { name: 'bin/sh', content: program, mode: 0o755 }])
    const base = layoutOf(space.path('foreign'), { layers: [layer] })
    const { stderr } = await cooper([
      'build',
      '--build-context',
      `base=${base}`,
      context('FROM base\nRUN true\n'),
    ])
    expect(stderr).toMatch(/exec format error: \/bin\/sh is a program for (?:arm64|amd64), this machine runs/)
  })

  it('sees its context with the times of this build, and their fractions', async () => {
    const name = context(
      'ARG N\nRUN --mount=type=bind,target=/s --mount=type=cache,target=/obj,id=times ' +
        'stat -c %y /s/a /s/d; [ -e /obj/a ] && [ ! /s/a -nt /obj/a ] || cp -p /s/a /obj/a; cat /obj/a; : $N\n',
      { a: '', 'd/b': '' },
    )
    const path = space.path(name)
    const times: string[] = []
    for (const [n, content] of ['A', 'B', 'A'].entries()) {
      writeFileSync(join(path, 'a'), `${content}\n`)
      const time = Math.floor(Date.now() / 1000) + n + 0.25
      for (const name of ['a', 'd']) utimesSync(join(path, name), time, time)
      const { stderr } = await cooper(['build', '--progress=plain', ...BASE, '--build-arg', `N=${n}`, path])
      const [a, d, last] = [...stderr.matchAll(/^#\d+ \d+\.\d+ (.*)$/gm)].map(([, line]) => line!)
      expect([last, d], stderr).toEqual([content, a])
      expect(a).toContain(new Date(time * 1000).toISOString().slice(11, 23))
      times.push(a!)
    }
    expect(new Set(times).size).toBe(3)
  })

  it('shows colours and other sequences of a terminal as text', async () => {
    const { said } = await built(`RUN printf '\\033]0;title\\007\\033[2Jx\\n'; printf 'a\\rb\\n'\n`)
    expect(said).toEqual(['\\x1b]0;title\\x07\\x1b[2Jx', 'b'])
  })

  it('can be looked into after it failed', async () => {
    await built('RUN echo before > /a\nRUN echo after > /a; exit 1\n')
    const run = (...args: string[]) => cooper(['run', '--last-failed', ...args])
    expect((await run('--', 'cat', '/a')).stdout).toBe('after\n')
    expect((await run('--before', '--', 'cat', '/a')).stdout).toBe('before\n')
    await run('--', 'sh', '-c', 'echo mine >> /a')
    expect((await run('--', 'cat', '/a')).stdout).toBe('after\nmine\n')
    expect(await run('--', 'sh', '-c', 'exit 9')).toMatchObject({
      code: 9,
      stderr: expect.not.stringContaining('error'),
    })
    expect((await run('--', 'sh', '-c', 'sh -c "kill -TERM \\$\\$"; exit $?')).code).toBe(143)
    expect(leftovers()).toEqual([])
  })

  it('that failed has the names of hosts and servers again, and no proxy', async () => {
    const password = `canary${process.pid}`
    const args = [
      '--add-host',
      'other:192.0.2.7',
      '--build-arg',
      `http_proxy=http://u:${password}@proxy.test`,
    ]
    await built('RUN rm -rf /srv; mkdir /srv; env | grep -c proxy.test; exit 1\n', args)
    const run = (...args: string[]) => cooper(['run', '--last-failed', ...args])
    for (const state of [[], ['--before']]) {
      const { stdout } = await run(...state, '--', 'cat', '/etc/hosts', '/etc/resolv.conf')
      expect(stdout).toContain('192.0.2.7\tother\n')
      expect(stdout).toContain(readFileSync('/etc/resolv.conf', 'utf8'))
    }
    expect((await run('--', 'env')).stdout).not.toContain('proxy')
    expect(spawnSync('grep', ['-r', password, store()]).stdout.toString()).toBe('')
    const longer = run('--', 'sleep', '3')
    // It has them when they are in a directory of its own.
    for (let tries = 0; leftovers().length === 0 && tries < 100; tries++) await sleep(20)
    expect((await run('--', 'true')).stderr).toMatch(
      /^error\[E_FAILED_RUN\]: the files of the last RUN that failed are not there$/m,
    )
    expect((await longer).code).toBe(0)
    expect((await run('--', 'nosuch')).code).toBe(127)
    expect(await run('--', '/etc/passwd')).toMatchObject({
      code: 126,
      stderr: expect.stringContaining('permission denied'),
    })
    expect(leftovers()).toEqual([])
  })

  it.skipIf(process.getuid?.() !== 0)('that failed is looked into where it ran', async () => {
    const args = ['--isolation', 'unshare-userns']
    const text = 'RUN mkdir /d; touch /d/old\nRUN rm -rf /d && mkdir /d && touch /d/new; exit 1\n'
    expect((await built(text, args)).stderr).toContain('error[E_RUN]')
    const list = (...more: string[]) => cooper(['run', '--last-failed', ...more, '--', 'ls', '/d'])
    expect((await list()).stdout).toBe('new\n')
    expect((await list('--isolation', 'chroot')).stderr).toMatch(
      /^error\[E_FAILED_RUN\]: the failed step ran in unshare-userns, whose files chroot cannot use$/m,
    )
  })

  it('may say what a runtime says of a program that is none', async () => {
    const { stderr } = await built('RUN echo "exec /app/run: permission denied"; exit 9\n')
    expect(stderr).toMatch(/^error\[E_RUN\]: the step failed: .*: exit code 9$/m)
  })

  it.skipIf(!hasTool('script'))('opens a shell when it fails', async () => {
    const command = (flag: string) =>
      quoted(['build', flag, ...BASE, context('RUN echo one > /a\nRUN echo two > /a; exit 1\n')])
    for (const [flag, expected] of [
      ['--debug-shell', 'two'],
      ['--debug-shell=before', 'one'],
    ] as const) {
      const { code, shown } = await typed(command(flag), 'echo "[$(cat /a)]"; exit\n')
      expect(shown).toContain(`[${expected}]`)
      expect([code, shown]).toEqual([1, expect.stringContaining('error[E_RUN]')])
    }
    const { stderr } = await cooper(['build', '--debug-shell', ...BASE, context('RUN true\n')])
    expect(stderr).toContain('error[E_CLI]: --debug-shell needs a terminal')
  })
})

describe.skipIf(busybox === undefined || executor === undefined)('rights', () => {
  it('must be granted by whoever builds', async () => {
    const host = 'RUN --network=host true\n'
    const insecure = 'RUN --security=insecure grep ^CapEff /proc/self/status\n'
    for (const [dockerfile, right] of [
      [host, 'network.host'],
      [insecure, 'security.insecure'],
    ] as const) {
      const refused = await built(dockerfile)
      expect(refused.stderr).toContain(`error[E_ENTITLEMENT]: ${right} is not allowed`)
      expect((await built(dockerfile, ['--allow', right])).code).toBe(0)
      // Known by now, and still refused.
      expect((await built(dockerfile)).code).toBe(1)
      // Before the first step.
      expect((await built(`RUN echo first\n${dockerfile}`)).said).toEqual([])
    }
    expect((await built(host, ['--network', 'host'])).code).toBe(0)
    expect((await built(insecure, ['--allow', 'security.insecure', '--no-cache'])).said[0]).not.toMatch(
      /a80425fb/,
    )
  })

  it('do not include the network when the build has none', async () => {
    const text =
      'RUN ip -o addr | grep -v " lo " | wc -l; ping -c 1 -W 1 127.0.0.1 > /dev/null && echo loopback\n'
    expect((await built(text, ['--network=none'])).said).toEqual(['0', 'loopback'])
  })
})

describe.skipIf(busybox === undefined || executor === undefined)(
  'steps of stages that do not need one another',
  () => {
    const meet = (file: string, other: string, sharing: string) =>
      `RUN --mount=type=cache,target=/m,id=meet-${sharing},sharing=${sharing} touch /m/${file}; i=0; ` +
      `while [ ! -e /m/${other} ] && [ $i -lt 100 ]; do sleep 0.1; i=$((i+1)); done; [ -e /m/${other} ] && echo met > /${file}\n`

    const side = (name: string, command: string) =>
      `FROM busybox AS ${name}\nRUN touch /${name}; ${command}\n`
    const all = 'FROM busybox\nCOPY --from=a /a /\nCOPY --from=b /b /\nCOPY --from=c /c /\n'

    it('stop when one fails, which alone is kept and told of', async () => {
      const text = side('a', 'sleep 1; exit 4') + side('b', 'sleep 60') + side('c', 'sleep 60') + all
      const { stderr } = await built(text, ['--jobs=4', '--progress=rawjson'])
      const vertexes = stderr
        .split('\n')
        .filter((line) => line.startsWith('{"vertexes"'))
        .flatMap((line) => (JSON.parse(line) as { vertexes: { error?: string }[] }).vertexes)
      const errors = vertexes.flatMap(({ error }) => error ?? [])
      expect(errors.filter((error) => error !== 'context canceled')).toEqual([
        'the step failed: RUN touch /a; sleep 1; exit 4: exit code 4',
      ])
      expect(errors.filter((error) => error === 'context canceled').length).toBeGreaterThanOrEqual(2)
      const { stdout } = await cooper(['run', '--last-failed', '--', 'sh', '-c', 'ls -d /?'])
      expect(stdout).toBe('/a\n')
    })

    it.skipIf(!hasTool('script'))('open one shell when several fail', async () => {
      const text = side('a', 'sleep 1; exit 4') + side('b', 'sleep 1; exit 4') + side('c', 'sleep 60') + all
      const command = quoted(['build', '--jobs=4', '--debug-shell', ...BASE, context(text)])
      const { code, shown } = await typed(command, 'sleep 1; echo "[$(ls -d /?)]"; exit\n')
      expect(shown.match(/"exit" goes on/g)).toHaveLength(1)
      expect(shown).toMatch(/^\[\/[ab]\]\r$/m)
      expect(code).toBe(1)
    })

    it('run side by side, and share a cache', async () => {
      const text = `FROM busybox AS a\n${meet('a', 'b', 'shared')}FROM busybox AS b\n${meet('b', 'a', 'shared')}FROM scratch\nCOPY --from=a /a /\nCOPY --from=b /b /\n`
      const { code, stderr } = await built(text, ['-o', 'met'])
      expect(code, stderr).toBe(0)
      expect(readdirSync(space.path('met')).sort()).toEqual(['a', 'b'])
    })

    it('wait for a cache that is locked, also in another process', async () => {
      const count = (name: string) =>
        `FROM busybox\nRUN --mount=type=cache,target=/m,id=count,sharing=locked n=$(cat /m/n 2>/dev/null || echo 0); sleep 0.4; echo $((n+1)) | tee /m/n; : ${name}\n`
      const all = await Promise.all(['a', 'b', 'c', 'd'].map((name) => built(count(name))))
      const waits = 'waits for the cache /m, which another step uses'
      expect(all.map(({ said }) => said.find((line) => line !== waits)).sort()).toEqual(['1', '2', '3', '4'])
      expect(all.filter(({ said }) => said.includes(waits)).length).toBeGreaterThan(0)
    })

    it('do not wait for a private one', async () => {
      // Each holds its cache until the other one has one too.
      const hold = (file: string, other: string) =>
        'RUN --mount=type=cache,target=/m,id=private,sharing=private --mount=type=cache,target=/s,id=private-meet ' +
        `echo x >> /m/f; touch /s/${file}; i=0; ` +
        `while [ ! -e /s/${other} ] && [ $i -lt 300 ]; do sleep 0.1; i=$((i+1)); done; wc -l < /m/f\n`
      const all = await Promise.all([built(hold('a', 'b')), built(hold('b', 'a'))])
      expect(all.map(({ said }) => said[0])).toEqual(['1', '1'])
    })
  },
)

describe.skipIf(busybox === undefined || executor === undefined)('a builder', () => {
  function start(dockerfile: string) {
    return spawn(process.execPath, [COOPER, 'build', '--progress=plain', ...BASE, context(dockerfile)], {
      cwd: space.root,
      env: { PATH: process.env.PATH, HOME: space.root },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
  }
  /** A time to sleep by which a process is known. */
  const mark = 10_000 + (process.pid % 10_000)
  const children: ReturnType<typeof start>[] = []
  afterAll(() => {
    for (const child of children) child.kill('SIGKILL')
  })
  const ready = (child: ReturnType<typeof start>) =>
    new Promise<string>((resolve) => {
      let said = ''
      child.stderr.on('data', (chunk: Buffer) => {
        said += chunk.toString()
        // Not the line that names the step.
        if (said.split('\n').some((line) => /^#\d+ [\d.]+ ready$/.test(line))) resolve(said)
      })
    })
  const ended = (child: ReturnType<typeof start>) =>
    new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)))
  const alive = (mark: string) => spawnSync('pgrep', ['-f', `^sleep ${mark}$`]).status === 0

  it('that is killed takes its processes along, and the next one clears up', async () => {
    const child = start(`RUN mkdir /d; chmod 0 /d; echo ready; sleep ${mark}1\n`)
    await ready(child)
    await sleep(200)
    expect(alive(`${mark}1`)).toBe(true)
    child.kill('SIGKILL')
    await ended(child)
    await sleep(300)
    expect(alive(`${mark}1`)).toBe(false)
    expect(mounts()).toEqual([])
    expect(leftovers().length).toBeGreaterThan(0)
    expect((await built('RUN echo next\n')).code).toBe(0)
    expect(leftovers()).toEqual([])
  })

  it('that is interrupted once stops cleanly', async () => {
    const child = start(`RUN echo ready; sleep ${mark}2\n`)
    await ready(child)
    child.kill('SIGINT')
    expect(await ended(child)).toBe(130)
    expect(alive(`${mark}2`)).toBe(false)
    expect(leftovers()).toEqual([])
    expect(mounts()).toEqual([])
  })

  const asRoot = process.getuid?.() === 0 && hasTool('unshare') && hasTool('pgrep')
  it.skipIf(!asRoot)('leaves no zombie where the first process reaps none but its own', async () => {
    const args = [COOPER, 'build', '--progress=plain', ...BASE, context('RUN echo mine\n')]
    const first = `const { spawnSync } = require('node:child_process')
const { status } = spawnSync(process.execPath, ${JSON.stringify(args)}, { stdio: ['ignore', 'ignore', 'inherit'] })
process.stdout.write(status + ' ' + spawnSync('pgrep', ['-r', 'Z', '.'], { encoding: 'utf8' }).stdout)`
    const { stdout, stderr } = spawnSync('unshare', ['-pf', '--mount-proc', process.execPath, '-e', first], {
      cwd: space.root,
      env: { PATH: process.env.PATH, HOME: space.root },
      encoding: 'utf8',
    })
    expect([stdout, stderr]).toEqual(['0 ', expect.stringContaining('mine')])
  })

  it('hands no open file on', async () => {
    const directory = openSync('/', 'r')
    try {
      const args = [
        COOPER,
        'build',
        '--progress=plain',
        ...BASE,
        context('RUN ls -l /proc/self/fd; ls /proc/self/fd/20 /proc/1/fd\n'),
      ]
      const stdio = ['ignore', 'pipe', 'pipe', ...Array.from({ length: 18 }, () => directory)] as const
      const { stderr } = spawnSync(process.execPath, args, {
        cwd: space.root,
        env: { PATH: process.env.PATH, HOME: space.root },
        stdio: [...stdio],
      })
      const said = stderr.toString()
      expect(said).toMatch(/\d 2 ->|\d+ 2$/m)
      expect(said).not.toMatch(/-> \/$/m)
    } finally {
      closeSync(directory)
    }
  })

  it('runs nothing of an image but its steps', async () => {
    if (!hasTool('strace')) return
    const evil = '#!/bin/sh\necho evil > /evil\n'
    const names = ['bin/tar', 'usr/bin/tar', 'bin/rm', 'usr/bin/perl', 'sbin/runc', 'bin/flock', 'bin/mount']
    const layer = tarOf([
      ...['bin/', 'usr/', 'usr/bin/', 'sbin/', 'etc/'].map((name): Spec => ({ name })),
      ...names.map((name): Spec => ({ name, content: evil, mode: 0o755 })),
      { name: 'etc/ld.so.preload', content: '/lib/evil.so\n' },
      { name: 'bin/sh', content: readFileSync(join(process.env.BUSYBOX ?? '/bin/busybox')), mode: 0o755 },
    ])
    const base = layoutOf(space.path('evil'), { layers: [layer] })
    const log = space.path('trace')
    execFileSync(
      'strace',
      [
        '-f',
        '-qq',
        '-e',
        'trace=execve',
        '-o',
        log,
        process.execPath,
        COOPER,
        'build',
        '--build-context',
        `base=${base}`,
        context('FROM base\nRUN echo x > /x\n'),
      ],
      { cwd: space.root, env: { PATH: process.env.PATH, HOME: space.root }, stdio: 'ignore' },
    )
    const run = readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) => line.includes('execve(') && !line.includes('= -1'))
    const programs = run
      .map((line) => /execve\("([^"]*)", \[(?:"([^"]*)")?/.exec(line))
      .map((match) => match?.[1])
    expect(programs).toContain('/bin/sh')
    expect(programs.filter((path) => path?.startsWith(space.root))).toEqual([])
    // The image's own are reached by their paths in it, from its step alone.
    expect(run.filter((line) => line.includes('evil'))).toEqual([])
  })
})
