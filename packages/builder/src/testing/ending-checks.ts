import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isCooperageError } from '@cooperage/store'
import type { ContainerUser } from '../run/sandbox/container.js'
import { HELPER_NAME } from '../run/sandbox/init/perl-server.js'
import { descendantsOf } from '../run/sandbox/processes.js'
import type { ExecutorBench } from './executor-bench.js'
import { type ExecutorChecks, NO_ISOLATION, NotPromised, ONE_ID } from './executor-check.js'

const REASON = new Error('enough')
const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds))

/** How containers end, whoever ends them, and what is left then: nothing. */
export const ENDING_CHECKS: ExecutorChecks = {
  'what still runs in the background ends with the container': async (bench) => {
    const rootfs = await bench.rootfs()
    const beat = 'while true; do echo x >>/srv/beats; sleep 0.01; done'
    const script = `(setsid sh -c '${beat}' >/dev/null 2>&1 &) ; (sh -c '${beat}' &) ; sleep 0.2; exit 3`
    assert.equal((await bench.run(script, { rootfs })).exitCode, 3)
    await isStill(join(rootfs.kind === 'overlay' ? rootfs.upper : rootfs.path, 'srv/beats'))
    nothingRuns()
  },
  'a process that lost its parent does not stay when it has ended': async (bench) => {
    if (!bench.isolates) throw new NotPromised('there is no /proc to see it')
    const { stdout } = await bench.run(
      '(sleep 0.05 & ) ; sleep 0.3; grep -h State /proc/[0-9]*/status | grep -c Z; true',
    )
    assert.equal(stdout, '0\n')
  },
  'an abort sends TERM, and waits for what heeds it': async (bench) => {
    const rootfs = await bench.rootfs()
    const script =
      "trap 'echo cleared >/srv/trap; exit 0' TERM; touch /srv/ready; while true; do sleep 0.05; done"
    await abortsWithin(5_000, bench, { rootfs, script })
    const top = rootfs.kind === 'overlay' ? rootfs.upper : rootfs.path
    assert.equal(await readFile(join(top, 'srv/trap'), 'utf8'), 'cleared\n')
  },
  'an abort reaches the processes of every user': async (bench) => {
    if (!bench.manyIds) throw new NotPromised(ONE_ID)
    const user = { uid: 1000, gid: 1000, groups: [1000] }
    const rootfs = await bench.rootfs()
    await bench.run('chmod 777 /srv', { rootfs })
    const fresh = rootfs.kind === 'overlay' ? { ...rootfs, work: await bench.folder('work') } : rootfs
    const script = "trap 'exit 0' TERM; touch /srv/ready; sleep 60 & wait"
    await abortsWithin(5_000, bench, { script, rootfs: fresh, user })
  },
  'an abort does not wait for a shell that goes on with its next command': async (bench) => {
    await abortsWithin(5_000, bench, { script: 'touch /srv/ready; sleep 60; sleep 60; sleep 60' })
  },
  'an abort ends what ignores TERM, after ten seconds': async (bench) => {
    const took = await abortsWithin(14_000, bench, {
      script: "trap '' TERM; sleep 60 & touch /srv/ready; wait",
    })
    assert.ok(took > 9_000, `${took} ms`)
  },
  'an abort before and during the start leaves nothing': async (bench) => {
    await assert.rejects(bench.run('true', { signal: AbortSignal.abort(REASON) }), REASON)
    for (const delay of [0, 2, 5, 10, 20, 40]) {
      const stop = new AbortController()
      setTimeout(() => stop.abort(REASON), delay)
      await bench
        .run('sleep 60', { signal: stop.signal })
        .catch((error: unknown) => assert.equal(error, REASON))
      nothingRuns()
    }
  },
  'much output comes whole': async (bench) => {
    const hash = createHash('sha256')
    let size = 0
    await bench.run('head -c 20000000 /dev/zero', {
      onOutput: (_, chunk) => {
        hash.update(chunk)
        size += chunk.length
      },
    })
    assert.equal(size, 20_000_000)
    assert.equal(hash.digest('hex'), createHash('sha256').update(Buffer.alloc(size)).digest('hex'))
  },
  'a process waits while nobody takes its output': async (bench) => {
    const rootfs = await bench.rootfs()
    let release = (): void => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    const running = bench.run('head -c 8000000 /dev/zero; touch /srv/done', { rootfs, onOutput: () => held })
    await pause(400)
    const top = rootfs.kind === 'overlay' ? rootfs.upper : rootfs.path
    const names = await readdir(join(top, 'srv')).catch(() => [])
    release()
    assert.equal((await running).exitCode, 0)
    assert.deepEqual(names, [])
    assert.deepEqual(await readdir(join(top, 'srv')), ['done'])
  },
  'an error of whoever takes the output ends the container and comes back': async (bench) => {
    const onOutput = async (): Promise<void> => {
      throw REASON
    }
    await assert.rejects(bench.run('while true; do echo x; done', { onOutput }), REASON)
    nothingRuns()
  },
  'want of memory is told from other deaths': async (bench) => {
    if (!bench.isolates && !(await canLimit(bench))) throw new NotPromised('control groups are not ours here')
    const limits = { ulimits: [], shmSize: 1 << 20, memory: 32 << 20 }
    const hog = 'awk \'BEGIN { x = "0123456789abcdef"; while (1) x = x x }\''
    const result = await bench.run(hog, { limits }).catch((error: unknown) => error)
    if (isCooperageError(result) && result.code === 'E_SANDBOX')
      throw new NotPromised('control groups are not ours here')
    assert.ok(!(result instanceof Error), String(result))
    const { exitCode, outOfMemory } = result as { exitCode: number; outOfMemory: boolean }
    assert.deepEqual([exitCode, outOfMemory], [137, true])
  },
  'afterwards nothing is mounted, and the scratch directory is empty': async (bench) => {
    const before = await readFile('/proc/self/mountinfo', 'utf8')
    const scratch = await bench.folder('scratch')
    await bench.run('true', { scratch })
    assert.equal(await readFile('/proc/self/mountinfo', 'utf8'), before)
    assert.deepEqual(await readdir(scratch), [])
    nothingRuns()
  },
  'no control group is left': async (bench) => {
    if (!bench.isolates) throw new NotPromised(NO_ISOLATION)
    await bench.run('true')
    const lines = (await readFile('/proc/self/mountinfo', 'utf8'))
      .split('\n')
      .filter((line) => / - cgroup2? /.test(line))
    // The helper's own goes with the helper, soon after its last work.
    const deadline = Date.now() + 10_000
    for (const line of lines) {
      const left = async () => {
        const names = await readdir(line.split(' ')[4]!, { recursive: true }).catch(() => [])
        return names.filter((name) => name.includes('cooper-') && name.includes(`-${process.pid}-`))
      }
      while ((await left()).length > 0 && Date.now() < deadline) await pause(50)
      assert.deepEqual(await left(), [])
    }
  },
}

interface Abort {
  readonly script: string
  readonly user?: ContainerUser
  readonly rootfs?: Awaited<ReturnType<ExecutorBench['rootfs']>>
}

/** Aborts as soon as the script has made /srv/ready. @returns how long it took to end, in milliseconds */
async function abortsWithin(
  limit: number,
  bench: ExecutorBench,
  { script, rootfs: given, user }: Abort,
): Promise<number> {
  const rootfs = given ?? (await bench.rootfs())
  const stop = new AbortController()
  const running = bench.run(script, { rootfs, signal: stop.signal, ...(user && { user }) })
  running.catch(() => {})
  const ready = join(rootfs.kind === 'overlay' ? rootfs.upper : rootfs.path, 'srv/ready')
  while ((await stat(ready).catch(() => undefined)) === undefined) await Promise.race([pause(10), running])
  const start = performance.now()
  stop.abort(REASON)
  await assert.rejects(running, REASON)
  const took = performance.now() - start
  assert.ok(took < limit, `it took ${took} ms`)
  nothingRuns()
  return took
}

/** A helper without work may be there for a moment more: it belongs to no container, and ends by itself. */
function nothingRuns(): void {
  const lines = descendantsOf(process.pid).map(({ pid }) => commandLine(pid))
  assert.deepEqual(
    lines.filter((line) => !isHelper(line)),
    [],
  )
}

/** Empty for one that has ended, and while a program is put in the place of another (execve). */
function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1')
  } catch {
    return ''
  }
}

/** Also one that is about to be. */
function isHelper(line: string): boolean {
  return line === '' || line.startsWith(HELPER_NAME) || line.endsWith('\0cooper-run\0')
}

async function isStill(path: string): Promise<void> {
  const { size } = await stat(path)
  await pause(100)
  assert.equal((await stat(path)).size, size)
}

async function canLimit(bench: ExecutorBench): Promise<boolean> {
  const limits = { ulimits: [], shmSize: 1 << 20, memory: 64 << 20 }
  return bench.run('true', { limits }).then(
    () => true,
    () => false,
  )
}
