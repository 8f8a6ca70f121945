import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { chmod, copyFile, mkdir, open, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ContainerMount } from '../run/sandbox/container.js'
import { type ExecutorChecks, NO_ISOLATION, NotPromised, ONE_ID } from './executor-check.js'
import { ownStatus, processStatus } from './process-status.js'
import { rejectsWith } from './rejects-with.js'

/** Docker's fourteen, as a mask. */
const CAPABILITIES = '00000000a80425fb'
const NONE = '0'.repeat(16)
const USER = { uid: 1000, gid: 1000, groups: [1000] }

/** What a process of a container is: its arguments, environment, user, privileges, descriptors and end. */
export const PROCESS_CHECKS: ExecutorChecks = {
  'the exit code is the one of the process': async (bench) => {
    assert.deepEqual(await bench.run('exit 0'), ended(0))
    assert.deepEqual(await bench.run('exit 7'), ended(7))
    assert.deepEqual(await bench.run('exit 255'), ended(255))
  },
  'a death by a signal is told as a shell tells it': async (bench) => {
    assert.equal((await bench.run("sh -c 'kill -SEGV $$'; exit $?")).exitCode, 128 + 11)
    const killed = await bench.run("sh -c 'kill -KILL $$'; exit $?")
    assert.equal(killed.exitCode, 128 + 9)
    assert.equal(killed.outOfMemory, false)
  },
  'stdout and stderr arrive apart and byte for byte': async (bench) => {
    const { stdout, stderr } = await bench.run('printf "out\\n\\000\\n"; printf "err" >&2; printf "last"')
    assert.deepEqual({ stdout, stderr }, { stdout: 'out\n\0\nlast', stderr: 'err' })
  },
  'what begins like words of a runtime on stderr is the output of the container': async (bench) => {
    for (const words of ['runc run failed: no', 'exec x: no', 'time="now" level=error']) {
      assert.equal((await bench.run(['printf', '%s', words])).stdout, words)
      assert.equal((await bench.run(`printf '%s' '${words}' >&2; exit 1`)).stderr, words)
    }
  },
  'arguments arrive as they are': async (bench) => {
    const words = [
      '',
      ' a  b ',
      'two\nlines',
      '"$HOME"',
      "'",
      '*',
      '\\',
      'ünï',
      '-n',
      '--',
      'x'.repeat(100_000),
    ]
    const { stdout } = await bench.run([
      'sh',
      '-c',
      'for word; do printf "[%s]" "$word"; done',
      'sh',
      ...words,
    ])
    assert.equal(stdout, words.map((word) => `[${word}]`).join(''))
  },
  'the environment is exactly the one given, whatever names and values it has': async (bench) => {
    const env = [
      'PATH=/bin',
      'HOME=/x',
      'EMPTY=',
      'a.b-c=1',
      'LINES=one\ntwo',
      'LD_PRELOAD=/none.so',
      'PERL5OPT=-d',
      'Ü=ü',
    ]
    const { stdout } = await bench.run(['/bin/busybox', 'env', '-0'], { env })
    assert.deepEqual(stdout.split('\0').filter(Boolean).sort(), [...env].sort())
  },
  'a program is looked for in the PATH of the container': async (bench) => {
    const env = ['PATH=/nowhere::/srv:/bin', 'HOME=/']
    assert.equal((await bench.run(['echo', 'found'], { env })).stdout, 'found\n')
    await rejectsWith(
      'E_RUN_START',
      () => bench.run(['echo', 'x'], { env: ['PATH=/nowhere', 'HOME=/'] }),
      'ENOENT',
    )
  },
  'a program that cannot be started is E_RUN_START with the reason, and nothing is written': async (
    bench,
  ) => {
    const rootfs = await bench.rootfs(async (image) => {
      await writeFile(join(image, 'srv/script'), '#!/no/such/interpreter\n', { mode: 0o755 })
      await writeFile(join(image, 'srv/text'), 'just text\n', { mode: 0o644 })
      await writeFile(join(image, 'srv/foreign'), foreignProgram(), { mode: 0o755 })
    })
    const output: string[] = []
    const onOutput = (_: string, chunk: Uint8Array): void => void output.push(Buffer.from(chunk).toString())
    const expected = {
      '/no/program': 'ENOENT',
      '/srv/script': 'ENOENT',
      '/srv/text': 'EACCES',
      '/srv/foreign': 'ENOEXEC',
      '/srv': 'EACCES',
    }
    for (const [program, errno] of Object.entries(expected)) {
      const fresh = rootfs.kind === 'overlay' ? { ...rootfs, work: await bench.folder('work') } : rootfs
      await rejectsWith('E_RUN_START', () => bench.run([program, 'x'], { rootfs: fresh, onOutput }), errno)
    }
    assert.deepEqual(output, [])
  },
  'root has the fourteen capabilities of Docker, and none to hand on': async (bench) => {
    const { CapInh, CapPrm, CapEff, CapBnd, CapAmb } = await processStatus(bench)
    assert.deepEqual([CapPrm, CapEff, CapBnd], [CAPABILITIES, CAPABILITIES, CAPABILITIES])
    assert.deepEqual([CapInh, CapAmb], [NONE, NONE])
  },
  'another user has none, and may still become root by a setuid program': async (bench) => {
    if (!bench.manyIds) throw new NotPromised(ONE_ID)
    const { CapInh, CapPrm, CapEff, CapBnd, CapAmb, NoNewPrivs } = await processStatus(bench, { user: USER })
    assert.deepEqual([CapInh, CapPrm, CapEff, CapAmb], [NONE, NONE, NONE, NONE])
    assert.deepEqual([CapBnd, NoNewPrivs], [CAPABILITIES, '0'])
  },
  'system calls are filtered': async (bench) => {
    if (!bench.isolates) throw new NotPromised('only root of the whole machine may add a filter')
    const { Seccomp } = await processStatus(bench)
    assert.equal(Seccomp, '2')
    // No capability is needed for it: only a filter refuses.
    const { exitCode, stderr } = await bench.run(['unshare', '-U', 'true'])
    assert.equal(exitCode, 1)
    assert.match(stderr, /not permitted/)
  },
  'an insecure container has every capability there is and no filter of system calls': async (bench) => {
    if (!bench.isolates) throw new NotPromised(NO_ISOLATION)
    const own = await ownStatus()
    const all = bench.executor.name.endsWith('userns') ? everyCapability() : own.CapBnd
    const { CapPrm, CapEff, CapBnd, Seccomp } = await processStatus(bench, { insecure: true })
    assert.deepEqual([CapPrm, CapEff, CapBnd, Seccomp], [all, all, all, own.Seccomp])
  },
  'no signal is ignored or blocked, and the umask is 022': async (bench) => {
    const { SigBlk, SigIgn, SigCgt, Umask } = await processStatus(bench)
    assert.deepEqual([SigBlk, SigIgn, SigCgt, Umask], [NONE, NONE, NONE, '0022'])
  },
  'user, group and supplementary groups are the ones given, and no others': async (bench) => {
    if (!bench.manyIds) {
      await rejectsWith('E_SANDBOX', () => bench.run('id', { user: USER }))
      throw new NotPromised(ONE_ID)
    }
    const { stdout } = await bench.run('id -u; id -g; id -G', {
      user: { uid: 1000, gid: 1001, groups: [1001, 5, 65534] },
    })
    assert.match(stdout, /^1000\n1001\n(1001 5 65534|5 1001 65534)\n$/)
    assert.match((await bench.run('id -G')).stdout, /^0\n$/)
  },
  'an id beyond those of the executor is refused by name': async (bench) => {
    if (bench.executor.name.endsWith('root') || bench.executor.name === 'chroot')
      throw new NotPromised('every id there is')
    await rejectsWith('E_SANDBOX', () =>
      bench.run('id', { user: { uid: 4_000_000_000, gid: 0, groups: [0] } }),
    )
  },
  'a program that only root may execute is executed for another user, who may not do it again': async (
    bench,
  ) => {
    if (!bench.manyIds) throw new NotPromised(ONE_ID)
    const rootfs = await bench.rootfs(async (image) => {
      await mkdir(join(image, 'closed'))
      await copyFile(join(image, 'bin/busybox'), join(image, 'closed/sh'))
      await chmod(join(image, 'closed/sh'), 0o700)
      await chmod(join(image, 'closed'), 0o700)
    })
    const { stdout } = await bench.run(['/closed/sh', '-c', 'id -u; /closed/sh -c true || echo refused'], {
      rootfs,
      user: USER,
    })
    assert.equal(stdout, '1000\nrefused\n')
  },
  'the memory of the kernel has a link where the kernel shows it': async (bench) => {
    if (!bench.isolates) throw new NotPromised(NO_ISOLATION)
    const { stdout } = await bench.run('readlink /dev/core')
    assert.equal(stdout, existsSync('/proc/kcore') ? '/proc/kcore\n' : '')
  },
  'the working directory is the one given, inside the root': async (bench) => {
    assert.equal((await bench.run('pwd -P', { cwd: '/srv' })).stdout, '/srv\n')
  },
  'the working directory may be one that only root may enter': async (bench) => {
    if (!bench.manyIds) throw new NotPromised(ONE_ID)
    const rootfs = await bench.rootfs((image) => mkdir(join(image, 'closed'), { mode: 0o700 }))
    const { stdout, exitCode } = await bench.run('pwd; ls /closed 2> /dev/null || echo refused', {
      rootfs,
      user: USER,
      cwd: '/closed',
    })
    assert.deepEqual([stdout, exitCode], ['/closed\nrefused\n', 0])
  },
  'a working directory that a mount lacks is made in it': async (bench) => {
    const source = await bench.folder('mount')
    const mount: ContainerMount = bench.isolates
      ? { kind: 'bind', source, target: '/srv', readOnly: false }
      : { kind: 'lent', source, target: '/srv' }
    const { stdout } = await bench.run("pwd -P; stat -c '%a %u:%g' . ..", {
      mounts: [mount],
      cwd: '/srv/a/b',
    })
    assert.equal(stdout, '/srv/a/b\n755 0:0\n755 0:0\n')
    assert.deepEqual(await readdir(join(source, 'a')), ['b'])
  },
  'a working directory that leads outside by a link does not': async (bench) => {
    for (const target of [
      '/proc/self/fd/7',
      '/proc/self/cwd',
      '../../../../../../../../..',
      '/proc/1/root',
    ]) {
      const rootfs = await bench.rootfs((image) => symlink(target, join(image, 'out')))
      const result = await bench
        .run('ls; pwd -P; ls ..', { rootfs, cwd: '/out' })
        .catch((error: unknown) => error)
      if (result instanceof Error) continue
      const { stdout } = result as { stdout: string }
      assert.ok(stdout.includes('bin') && !stdout.includes('executor-bench'), `${target} gave ${stdout}`)
    }
  },
  'descriptors are stdin, which is empty, stdout and stderr': async (bench) => {
    if (!bench.isolates) throw new NotPromised('there is no /proc to see it')
    const { stdout } = await bench.run('cat; for fd in /proc/self/fd/*; do echo ${fd##*/}; done')
    // The shell's own is open while it lists.
    assert.deepEqual(
      stdout
        .trim()
        .split('\n')
        .filter((fd) => Number(fd) < 10 && fd !== '3'),
      ['0', '1', '2'],
    )
  },
  'stdout and stderr can be opened by name, by every user': async (bench) => {
    if (!bench.isolates) throw new NotPromised('there is no /proc for /dev/stdout')
    const users = [undefined, ...(bench.manyIds ? [USER] : [])]
    for (const user of users) {
      const result = await bench.run('echo out >/dev/stdout; echo err >/dev/stderr', user && { user })
      assert.deepEqual([result.exitCode, result.stdout, result.stderr], [0, 'out\n', 'err\n'])
    }
  },
  'there is no terminal': async (bench) => {
    const { stdout } = await bench.run('tty; (: </dev/tty) 2>/dev/null && echo opened')
    assert.equal(stdout, 'not a tty\n')
  },
  'limits of resources are the ones given': async (bench) => {
    const limits = {
      ulimits: [
        { name: 'nofile', soft: 100, hard: 200 },
        { name: 'core', soft: 0, hard: 0 },
      ],
      shmSize: 1 << 20,
    }
    const { stdout } = await bench.run('ulimit -S -n; ulimit -H -n; ulimit -H -c', { limits })
    assert.equal(stdout, '100\n200\n0\n')
    const wrong = { ulimits: [{ name: 'nonsense', soft: 1, hard: 1 }], shmSize: 1 << 20 }
    await rejectsWith('E_SANDBOX', () => bench.run('true', { limits: wrong }))
  },
  'a command is not cut off at a NUL': async (bench) => {
    await rejectsWith('E_SANDBOX', () => bench.run(['sh', '-c', 'true\0 false']))
    const error = await rejectsWith('E_SANDBOX', () => bench.run('true', { env: ['A=b', 'S=se\0cret'] }))
    assert.match(error.message, /"S"/)
    assert.doesNotMatch(error.message, /cret/)
  },
  'a file that somebody writes to is not executed': async (bench) => {
    if (!bench.isolates) throw new NotPromised(NO_ISOLATION)
    const folder = await bench.folder('busy')
    await writeFile(join(folder, 'program'), foreignProgram())
    await chmod(join(folder, 'program'), 0o755)
    await using file = await open(join(folder, 'program'), 'r+')
    const mounts = [{ kind: 'bind', source: folder, target: '/srv', readOnly: true }] as const
    await rejectsWith('E_RUN_START', () => bench.run(['/srv/program'], { mounts }), 'ETXTBSY')
    assert.ok(file.fd > 2)
  },
}

function ended(exitCode: number): object {
  return { exitCode, outOfMemory: false, stdout: '', stderr: '' }
}

/** ELF for a processor that hardly anybody has: a DEC Alpha. */
function foreignProgram(): Uint8Array {
  const file = Buffer.alloc(120)
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
  file.writeUInt16LE(2, 16)
  file.writeUInt16LE(0x9026, 18)
  return file
}

/** What a new user namespace has, whatever the one around it lacks. */
function everyCapability(): string {
  const last = BigInt(readFileSync('/proc/sys/kernel/cap_last_cap', 'latin1').trim())
  return ((1n << (last + 1n)) - 1n).toString(16).padStart(16, '0')
}
