import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { hierarchies } from '../packages/builder/src/run/sandbox/cgroups.js'
import { type As, staticBusybox, userWithIds } from './executor-users.js'
import { isLong } from './long.js'
import { hasTool } from './rival-tools.js'
import { workspace } from './workspace.js'

const space = workspace('executor-processes')
const busybox = staticBusybox()
const isRoot = process.getuid?.() === 0
/** Left by others before this file. */
const before = new Set(groups())
const RUNNER = fileURLToPath(new URL('./run-one-container.mjs', import.meta.url))
const ordinary = userWithIds()
afterAll(() => ordinary.remove())

const SELF: As = []
const EXECUTORS: Readonly<Record<string, As>> = {
  'unshare-root': isRoot ? SELF : undefined,
  'unshare-userns': isRoot ? ordinary.as : SELF,
  chroot: isRoot ? SELF : undefined,
  ...(isLong && { 'oci-root': isRoot ? SELF : undefined, 'oci-userns': isRoot ? ordinary.as : SELF }),
}

let count = 0

/** A command line for one container, in a folder of its own. */
function containerLine(executor: string, script: string, before: readonly string[] = []): readonly string[] {
  const directory = space.folder(`${executor}-${count++}`, {})
  chmodSync(space.root, 0o755)
  chmodSync(directory, 0o777)
  const as = EXECUTORS[executor] ?? []
  // A program that another user traces does not become root by its setuid bit; strace has a way around it.
  const user = as.find((word) => word.startsWith('--reuid='))?.slice('--reuid='.length)
  const first = before[0] === 'strace' && user !== undefined ? [...before, '-u', user] : [...as, ...before]
  return [...first, process.execPath, RUNNER, executor, directory, busybox!, script]
}

function start([command = '', ...args]: readonly string[], env: Record<string, string> = {}): ChildProcess {
  return spawn(command, args, {
    cwd: '/',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH, ...env },
  })
}

interface Ended {
  readonly failures?: readonly unknown[]
  readonly image?: string
  readonly exitCode?: number
  readonly stdout?: string
}

async function linesOf(child: ChildProcess): Promise<Ended[]> {
  const lines: Ended[] = []
  for await (const text of createInterface({ input: child.stdout! })) lines.push(JSON.parse(text) as Ended)
  return lines
}

for (const [executor, as] of Object.entries(EXECUTORS)) {
  describe.skipIf(busybox === undefined || as === undefined)(executor, () => {
    it('ends with a builder that is killed, whatever a step does against it', async (context) => {
      const seconds = String(100_000 + process.pid)
      const script = `trap '' TERM HUP INT; (setsid sh -c 'trap "" TERM; sleep ${seconds}; true' &); sleep ${seconds}; true`
      const child = start(containerLine(executor, script))
      const ended = once(child, 'exit')
      const lines = linesOf(child)
      if (await Promise.race([until(() => sleepers(seconds).length >= 2), ended.then(() => false)])) {
        const helpers = below(child.pid!)
        child.kill('SIGKILL')
        await ended
        expect(
          await until(() => sleepers(seconds).length === 0 && helpers.every((pid) => !isAlive(pid))),
        ).toBe(true)
      } else {
        console.log(`skipped: ${executor} does not work here: ${JSON.stringify((await lines)[0]?.failures)}`)
        context.skip()
      }
    })

    it('passes no descriptor on that the builder was started with', async (context) => {
      const script =
        'if [ -d /proc/self ]; then ls -l /proc/self/fd; else echo no /proc; (echo x >&200) 2>&1; fi'
      const shell = ['sh', '-c', 'exec 200</etc 9</etc "$@"', 'sh']
      // dash knows no descriptor above 9 by number: bash does.
      const bash = ['bash', '-c', 'exec 200</etc; exec 9</etc; exec "$@"', 'bash']
      const line = containerLine(executor, script, hasTool('bash') ? bash : shell)
      const [head, result] = await linesOf(start(line))
      if (head?.failures) return context.skip()
      expect(result?.exitCode).toBeDefined()
      expect(result?.stdout).not.toContain('etc')
      expect(result?.stdout).not.toMatch(/ (9|200) ->/)
      if (executor === 'chroot') expect(result?.stdout).toMatch(/bad file descriptor/i)
    })

    it('gives a step the terminal of the person who asks for it', async (context) => {
      if (!hasTool('script')) return context.skip()
      const step =
        'for fd in 0 1 2; do [ -t $fd ] && echo "$fd is a terminal"; done; (echo x >/dev/tty) && exit 3'
      const line = containerLine(executor, step).map((word) => `'${word.replaceAll("'", "'\\''")}'`)
      const child = start(['script', '-qec', line.join(' '), '/dev/null'], { INTERACTIVE: '1' })
      let said = ''
      for await (const chunk of child.stdout!) said += String(chunk)
      if (said.includes('"failures"')) return context.skip()
      for (const fd of [0, 1, 2]) expect(said).toContain(`${fd} is a terminal`)
      expect(said).toContain('"exitCode":3')
    })

    it('opens and runs nothing of a hostile image before the step itself', async (context) => {
      if (!hasTool('strace')) return context.skip()
      const log = space.path(`strace-${executor}`)
      const trace = [
        'strace',
        '-f',
        '-qq',
        '-s',
        '200',
        '-o',
        log,
        '-e',
        'trace=%file,execve,execveat,pivot_root,chroot',
      ]
      const [head, result] = await linesOf(
        start(containerLine(executor, 'echo the step', trace), { HOSTILE: '1' }),
      )
      if (head?.failures) return context.skip()
      expect(result).toMatchObject({ exitCode: 0, stdout: 'the step\n' })
      expect(suspects(readFileSync(log, 'utf8'), head!.image!)).toEqual([])
    })
  })
}

/** Calls between the making of the image and the step that open or execute a file of the image. */
function suspects(log: string, image: string): string[] {
  const lines = log.split('\n')
  const step = lines.findIndex((line) =>
    line.includes('execve("/bin/sh", ["/bin/sh", "-c", "echo the step"]'),
  )
  expect(step).toBeGreaterThan(0)
  // The last change of the image is before the helper starts, or gets the request.
  const begin = lines.findIndex((line) => line.includes(`${image}/usr/bin/env`))
  const from = lines.findIndex(
    (line, index) => index > begin && /execve\(.*cooper-run|"\/proc\/\d+\/fd\/\d+", O_WRONLY/.test(line),
  )
  expect(from).toBeGreaterThan(0)
  const inside = new Set<string>()
  return lines.slice(from, step).filter((line) => {
    const pid = line.split(' ')[0] ?? ''
    if (/pivot_root\(|chroot\(/.test(line)) inside.add(pid)
    if (!/ (open|openat|openat2|execve|execveat)\(/.test(line) || / = -1 E/.test(line)) return false
    // A descriptor that only names a place opens nothing.
    if (line.includes('O_PATH')) return false
    if (line.includes(image) || /rootfs\/(?!(proc|sys|dev)[/"])/.test(line)) return true
    // After the change of root, a path is one of the image. A runtime looks at the kernel's file systems there, and reads
    // who its user is, from what was found to be plain files.
    return inside.has(pid) && !/"\/?((proc|sys|dev)[/"]|etc\/(passwd|group)")/.test(line)
  })
}

function sleepers(seconds: string): number[] {
  return processes().filter((pid) => {
    const words = readOr(`/proc/${pid}/cmdline`).split('\0')
    return words[0] === 'sleep' && words[1] === seconds
  })
}

/** Children, and theirs. */
function below(ancestor: number): number[] {
  const found = [ancestor]
  for (const pid of found) {
    const children = processes().filter(
      (child) => readOr(`/proc/${child}/stat`).split(') ')[1]?.split(' ')[1] === String(pid),
    )
    found.push(...children)
  }
  return found.slice(1)
}

function processes(): number[] {
  return readdirSync('/proc', 'latin1')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
}

function isAlive(pid: number): boolean {
  return /^State:\s*[^ZX]/m.test(readOr(`/proc/${pid}/status`))
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

async function until(isDone: () => boolean): Promise<boolean> {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; await sleep(20)) if (isDone()) return true
  return false
}

function groups(): string[] {
  const found = spawnSync('find', ['/sys/fs/cgroup', '-type', 'd', '-name', 'cooper-*'], { encoding: 'utf8' })
  return found.stdout.split('\n').filter((path) => path !== '')
}

describe.skipIf(!isRoot)('groups', () => {
  it('of a builder that was killed are removed by the next one', async () => {
    const dead = () =>
      groups()
        .filter((path) => !isAlive(Number(/-(\d+)-\d+-\d+$/.exec(path)?.[1])))
        // Of a builder in another group of this machine nobody knows here.
        .filter((path) => !before.has(path))
    // One of another test may be about to remove its own.
    expect(await until(() => dead().length === 0), dead().join('\n')).toBe(true)
  })

  it.skipIf(busybox === undefined)(
    'are removed by whatever executor comes next',
    async () => {
      const place = hierarchies({ withoutControllers: true })[0]?.directory
      if (place === undefined) return
      const namespace = /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0]
      // Nobody has a number that high.
      const abandoned = join(place, `cooper-${namespace}-4999999-1-0`)
      for (const executor of ['unshare-root', 'chroot']) {
        mkdirSync(abandoned)
        const lines = await linesOf(start(containerLine(executor, 'true')))
        const isLeft = existsSync(abandoned)
        if (isLeft) rmdirSync(abandoned)
        if (lines[0]?.failures === undefined) expect([executor, isLeft]).toEqual([executor, false])
      }
    },
    60_000,
  )
})
