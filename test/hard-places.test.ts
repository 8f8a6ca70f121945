import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { canMount, hasTool } from './rival-tools.js'
import { fixture, storeOf, workspace } from './workspace.js'

const space = workspace('hard')
const COOPER = fileURLToPath(new URL('../packages/cli/dist/bin.js', import.meta.url))
const isRoot = process.getuid?.() === 0
const NOBODY = 65_534

let serial = 0

interface Place {
  readonly home: string
  readonly context: string
}

function place(files: Readonly<Record<string, string | Uint8Array>> = {}): Place {
  const home = space.folder(`home-${serial++}`, {})
  const context = space.folder(`${home.slice(space.root.length + 1)}/c`, {
    Dockerfile: 'FROM scratch\nCOPY . /x/\n',
    a: 'a\n',
    ...files,
  })
  chmodSync(space.root, 0o755)
  return { home, context }
}

/** Runs the command behind a shell line in which "$@" stands for it. */
function behind(line: string, { home }: Place, args: readonly string[]): SpawnSyncReturns<string> {
  const env = { PATH: process.env.PATH, HOME: home }
  return spawnSync('sh', ['-c', line, 'sh', process.execPath, COOPER, ...args], {
    cwd: home,
    env,
    encoding: 'utf8',
    timeout: 120_000,
    killSignal: 'SIGKILL',
  })
}

function refused({ status, stderr }: SpawnSyncReturns<string>, code: string | RegExp, exit: number): void {
  expect(stderr).toMatch(new RegExp(`^error\\[${typeof code === 'string' ? code : code.source}\\]: `, 'm'))
  expect(stderr).not.toMatch(/^ {4}at /m)
  expect(status).toBe(exit)
}

describe.skipIf(!isRoot)('as a user without any right', () => {
  const run = ({ home, context }: Place, ...args: string[]) =>
    spawnSync(process.execPath, [COOPER, 'build', ...args, context], {
      cwd: home,
      env: { PATH: process.env.PATH, HOME: home },
      encoding: 'utf8',
      uid: NOBODY,
      gid: NOBODY,
    })

  it('a Dockerfile without RUN builds, with owners that the user could never set', () => {
    const where = place({ Dockerfile: 'FROM scratch\nCOPY --chown=3:4 a /a\nWORKDIR /w\n' })
    chownSync(where.home, NOBODY, NOBODY)
    const { status, stderr } = run(where, '-o', 'type=tar,dest=out.tar')
    expect([status, status === 0 ? '' : stderr]).toEqual([0, ''])
    const listed = spawnSync('tar', ['-tvf', join(where.home, 'out.tar'), '--numeric-owner'], {
      encoding: 'utf8',
    })
    expect(listed.stdout).toMatch(/^-rw-r--r-- 3\/4 +2 .* a$/m)
  })

  it('row 25: a file that may not be read is named', () => {
    const where = place({ secret: 's' })
    chownSync(where.home, NOBODY, NOBODY)
    chmodSync(join(where.context, 'secret'), 0)
    const result = run(where)
    refused(result, 'E_CTX_ACCESS', 1)
    expect(result.stderr).toContain('secret')
    expect(result.stderr).toContain('.dockerignore')
  })

  it('row 20: a context that may not be read is named', () => {
    const where = place()
    chownSync(where.home, NOBODY, NOBODY)
    chmodSync(where.context, 0o700)
    refused(run(where), 'E_CTX_ACCESS', 1)
  })

  it('row 53: a store of somebody else is refused', () => {
    const where = place()
    mkdirSync(join(where.home, 'store'), { mode: 0o700 })
    refused(run(where, '--store', join(where.home, 'store')), /E_STORE_\w+/, 2)
  })
})

describe('in little room', () => {
  const mounts = canMount()
  /** A store on a disk of its own, which only this process and its children see. */
  const onDisk = (options: string, line: string) =>
    `unshare -m sh -c 'mount -t tmpfs -o ${options} none small && ${line}' sh "$@"`

  it.skipIf(!mounts)('row 58: a disk that gets full is named, and nothing half-written stays', () => {
    const where = place({ big: Buffer.alloc(40 << 20, 'x') })
    mkdirSync(join(where.home, 'small'))
    const line = onDisk('size=20m,mode=0700', '"$@"; code=$?; find small -type f -size +0 >left; exit $code')
    refused(behind(line, where, ['build', '--store', 'small', 'c']), 'E_NO_SPACE', 2)
    const left = readFileSync(join(where.home, 'left'), 'utf8')
      .split('\n')
      .filter((path) => /ingest|blobs/.test(path))
    expect(left).toEqual([])
  })

  it.skipIf(!mounts)('row 58: an output on a disk that gets full is named', () => {
    const where = place({ big: Buffer.alloc(40 << 20, 'x') })
    mkdirSync(join(where.home, 'small'))
    const line = onDisk('size=20m', '"$@"; code=$?; ls -A small >left; exit $code')
    const result = behind(line, where, ['build', '-o', 'type=docker,dest=small/out.tar', 'c'])
    refused(result, 'E_NO_SPACE', 2)
    expect(result.stderr).toMatch(/^error\[E_NO_SPACE\]: .*small\/out\.tar/m)
    expect(readFileSync(join(where.home, 'left'), 'utf8')).toBe('')
    const files = behind(line, where, ['build', '-o', 'small/out', 'c'])
    refused(files, 'E_NO_SPACE', 2)
    expect(files.stderr).toMatch(/^error\[E_NO_SPACE\]: .*small\/out\/x\/big$/m)
    expect(files.stderr).not.toContain('prune')
  })

  it('row 58: a device that is always full is named', () => {
    const where = place()
    const result = behind('"$@"', where, ['build', '-o', 'type=docker,dest=/dev/full', 'c'])
    refused(result, 'E_NO_SPACE', 2)
    expect(existsSync('/dev/full')).toBe(true)
    const listed = behind('exec "$@" > /dev/full', where, ['images'])
    refused(listed, 'E_NO_SPACE', 2)
    expect(listed.stderr).not.toContain('prune')
  })

  it.skipIf(!mounts)('row 53: a store on a disk that cannot be written is named', () => {
    const where = place()
    mkdirSync(join(where.home, 'small'))
    refused(behind(onDisk('ro', '"$@"'), where, ['build', '--store', 'small', 'c']), /E_STORE_\w+/, 2)
  })

  it.runIf(existsSync('/proc/self')).each([
    ['-o', '/proc/x'],
    ['-o', 'type=oci,tar=false,dest=/proc/x'],
  ])('a directory that the system does not make is named: %s %s', (...output) => {
    const result = behind('exec "$@"', place(), ['build', ...output, 'c'])
    refused(result, 'E_NOT_FOUND', 1)
    expect(result.stderr).toContain('/proc/x')
  })

  it('row 59: with 256 descriptors thousands of files are built', () => {
    const files = Object.fromEntries(Array.from({ length: 2000 }, (_, n) => [`d${n % 20}/f${n}`, `${n}\n`]))
    const where = place(files)
    const { status, stderr } = behind('ulimit -n 256; exec "$@"', where, [
      'build',
      '--jobs',
      '8',
      '-o',
      'out',
      'c',
    ])
    expect([status, status === 0 ? '' : stderr]).toEqual([0, ''])
    expect(readdirSync(join(where.home, 'out/x'), { recursive: true }).length).toBe(2022)
  })

  it('row 59: with too few descriptors even to start, it says so', () => {
    const result = behind('ulimit -n 64; exec "$@"', place(), ['build', 'c'])
    if (result.status !== 0) refused(result, 'E_LIMIT', 1)
  })

  const faketime = hasTool('faketime')
  it.skipIf(!faketime)('row 59: when it is 1970', () => {
    const where = place()
    const { status, stderr } = behind('exec faketime "1970-01-02 00:00:00" "$@"', where, [
      'build',
      '-t',
      'old:1',
      'c',
    ])
    expect([status, status === 0 ? '' : stderr]).toEqual([0, ''])
    expect(behind('exec "$@"', where, ['build', 'c']).stderr).toMatch(/CACHED/)
  })
})

describe('row 24: a file that changes while it is read', () => {
  const context = fixture('big', space.path('big'), 0.2)
  it.skipIf(context === undefined)('is noticed, and no image is made of halves', async () => {
    const home = space.folder('home-changing', {})
    const child = spawn(
      process.execPath,
      [COOPER, 'build', '-t', 'halves:1', '-o', 'type=docker,dest=out.tar', context!],
      {
        cwd: home,
        env: { PATH: process.env.PATH, HOME: home },
        stdio: 'pipe',
      },
    )
    let stderr = ''
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString()
    })
    let isOver = false
    const end = new Promise<number | null>((resolve) => child.on('close', resolve)).finally(() => {
      isOver = true
    })
    while (!isOver && !existsSync(join(storeOf(home), 'ingest'))) await sleep(5)
    while (!isOver) {
      appendFileSync(join(context!, 'big.bin'), 'more')
      await sleep(20)
    }
    expect(await end).toBe(1)
    expect(stderr).toMatch(/^error\[E_CTX_CHANGED\]: .*big\.bin/m)
    expect(existsSync(join(home, 'out.tar'))).toBe(false)
  })

  it.skipIf(context === undefined)('and a context that is at rest again is built', async () => {
    writeFileSync(join(context!, 'big.bin'), 'small\n')
    expect((await space.run(['build', context!])).code).toBe(0)
  })
})
