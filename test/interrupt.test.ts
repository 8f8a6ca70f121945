import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { start } from './cooper.js'
import { fixture, storeOf, workspace } from './workspace.js'

const space = workspace('interrupt')
const COOPER = fileURLToPath(new URL('../packages/cli/dist/bin.js', import.meta.url))
const context = fixture('big', space.path('big'), 0.3)

interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stderr: string
}

function ended(child: ChildProcess): Promise<Ended> {
  let stderr = ''
  child.stderr!.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  return new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal, stderr })))
}

/** Resolves once the store holds unfinished work of this size: the build is in the middle of something. */
async function busy(home: string, bytes: number): Promise<void> {
  for (let turn = 0; turn < 600; turn++) {
    if (sizeOf(join(storeOf(home), 'ingest')) > bytes) return
    await sleep(10)
  }
  throw new Error('the build never wrote to its store')
}

function sizeOf(folder: string): number {
  if (!existsSync(folder)) return 0
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  return entries.reduce(
    (sum, entry) => sum + (entry.isFile() ? sizeOfFile(join(entry.parentPath, entry.name)) : 0),
    0,
  )
}

function sizeOfFile(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

let serial = 0

/** A HOME with its store, and a folder for the output beside a file that was there before. */
function place(): { readonly home: string; readonly out: string } {
  const home = space.path(`home-${serial++}`)
  const out = join(home, 'out')
  mkdirSync(out, { recursive: true })
  writeFileSync(join(out, 'image.tar'), 'the old one')
  return { home, out }
}

const argsFor = (out: string) => [
  'build',
  '-t',
  'big:1',
  '-o',
  `type=docker,dest=${join(out, 'image.tar')}`,
  context!,
]

describe.skipIf(context === undefined)('a large build', () => {
  /** Milliseconds that a whole build takes on this machine, now. */
  let whole: number
  beforeAll(async () => {
    const { home, out } = place()
    const begun = Date.now()
    const run = await space.run(argsFor(out), { env: { HOME: home } })
    whole = Date.now() - begun
    expect(run.code).toBe(0)
  })

  async function succeedsAfterwards(home: string, out: string): Promise<void> {
    const again = await space.run(argsFor(out), { env: { HOME: home } })
    expect([again.code, again.code === 0 ? '' : again.stderr]).toEqual([0, ''])
    expect(readdirSync(out)).toEqual(['image.tar'])
    expect(sizeOfFile(join(out, 'image.tar'))).toBeGreaterThan(300 << 20)
  }

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)(
    'that gets %s in the middle of a layer ends soon with %i, and leaves nothing',
    async (signal, code) => {
      const { home, out } = place()
      const child = start(argsFor(out), { env: { HOME: home }, cwd: home })
      const end = ended(child)
      await busy(home, 30 << 20)
      const asked = Date.now()
      child.kill(signal)
      const { stderr, ...how } = await end
      expect(how).toEqual({ code, signal: null })
      expect(Date.now() - asked).toBeLessThan(3000)
      expect(stderr).toContain('error[E_INTERRUPTED]')
      expect(stderr).not.toMatch(/^ {4}at /m)
      expect(readdirSync(out)).toEqual(['image.tar'])
      expect(sizeOfFile(join(out, 'image.tar'))).toBe('the old one'.length)
      expect(sizeOf(join(storeOf(home), 'ingest'))).toBe(0)
      await succeedsAfterwards(home, out)
    },
  )

  it('that gets SIGINT while it writes its output leaves the old file, and no other', async () => {
    const { home, out } = place()
    const child = start(argsFor(out), { env: { HOME: home }, cwd: home })
    const end = ended(child)
    while (child.exitCode === null && readdirSync(out).length < 2) await sleep(2)
    child.kill('SIGINT')
    const { code } = await end
    const left = readdirSync(out)
    expect(left).toEqual(['image.tar'])
    // The last byte may have been written before the signal came.
    if (code !== 0) expect([code, sizeOfFile(join(out, 'image.tar'))]).toEqual([130, 'the old one'.length])
  })

  it('that gets SIGINT twice ends at once', async () => {
    const { home, out } = place()
    const child = start(argsFor(out), { env: { HOME: home }, cwd: home })
    const end = ended(child)
    await busy(home, 10 << 20)
    child.kill('SIGINT')
    child.kill('SIGINT')
    expect((await end).code).toBe(130)
    await succeedsAfterwards(home, out)
  })

  it('that is killed at any time harms no later one', async () => {
    const { home, out } = place()
    for (const part of [0.1, 0.3, 0.5, 0.7, 0.9]) {
      const child = start(argsFor(out), { env: { HOME: home }, cwd: home })
      const end = ended(child)
      const timer = setTimeout(() => child.kill('SIGKILL'), whole * part)
      await end
      clearTimeout(timer)
    }
    const { code } = await space.run(argsFor(out), { env: { HOME: home } })
    expect(code).toBe(0)
    const others = readdirSync(out).filter((name) => name !== 'image.tar')
    // A process that was killed cannot clean up; what it leaves is hidden and never mistaken for the output.
    expect(others.filter((name) => !/^\.image\.tar\.[0-9a-f]+\.tmp$/.test(name))).toEqual([])
    await space.run(['prune', '--grace', '0s'], { env: { HOME: home } })
    expect(sizeOf(join(storeOf(home), 'ingest'))).toBe(0)
  })

  it.each(['docker', 'oci,compression=uncompressed', 'tar'])(
    'whose reader goes away in the middle of type=%s ends quietly',
    async (type) => {
      const { home } = place()
      const child = spawn(process.execPath, [COOPER, 'build', '-o', `type=${type},dest=-`, context!], {
        env: { PATH: process.env.PATH, HOME: home },
        stdio: 'pipe',
      })
      const end = ended(child)
      child.stdin.end()
      await new Promise((resolve) => child.stdout.once('data', resolve))
      child.stdout.destroy()
      const { code, signal, stderr } = await end
      expect([code, signal]).toEqual([141, null])
      expect(stderr).not.toMatch(/error\[|^ {4}at /m)
    },
  )
})
