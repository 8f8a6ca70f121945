import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { executorChecks } from '@cooperage/builder/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type As, staticBusybox, userWithIds, userWithoutIds } from './executor-users.js'
import { isLong } from './long.js'
import { sharedPath } from './shared.js'
import { workspace } from './workspace.js'

const space = workspace('executors')
const busybox = staticBusybox()
const isRoot = process.getuid?.() === 0
const RUNNER = fileURLToPath(new URL('./run-executor-checks.mjs', import.meta.url))

interface Suite {
  readonly executor: string
  readonly as: As
  /** Another way to mount overlays than the one it would take, and words of the checks that this may matter to. */
  readonly overlay?: string
  readonly words?: string
  /** Differs from another suite in little, and is left for a long run. */
  readonly long?: true
}

interface Line {
  readonly executor?: string
  readonly failures?: readonly { readonly tried: string; readonly why: string }[]
  readonly check?: string
  readonly error?: string
  readonly notPromised?: string
}

const ordinary = userWithIds()
const likeDocker = isRoot ? sharedPath('tools/like-docker-default') : undefined
afterAll(() => ordinary.remove())

const SELF: As = []
const LANES = 3
const ALL: Readonly<Record<string, Suite>> = {
  'oci-root as root': { executor: 'oci-root', as: isRoot ? SELF : undefined },
  'unshare-root as root': { executor: 'unshare-root', as: isRoot ? SELF : undefined },
  'unshare-root without overlays': {
    long: true,
    executor: 'unshare-root',
    as: isRoot ? SELF : undefined,
    overlay: 'none',
    words: 'mount',
  },
  'unshare-root with fuse-overlayfs': {
    long: true,
    executor: 'unshare-root',
    as: isRoot ? SELF : undefined,
    overlay: 'fuse',
    words: 'mount',
  },
  'oci-userns as a user with subordinate ids': {
    long: true,
    executor: 'oci-userns',
    as: isRoot ? ordinary.as : SELF,
  },
  'unshare-userns as a user with subordinate ids': {
    executor: 'unshare-userns',
    as: isRoot ? ordinary.as : SELF,
  },
  'unshare-userns as a user without': { long: true, executor: 'unshare-userns', as: userWithoutIds() },
  'chroot with the privileges of a container of Docker': {
    executor: 'chroot',
    as: likeDocker === undefined ? undefined : [likeDocker, '--'],
  },
}

const SUITES = Object.fromEntries(Object.entries(ALL).filter(([, { long }]) => isLong || long !== true))

for (const [name, suite] of Object.entries(SUITES)) {
  describe.skipIf(busybox === undefined || suite.as === undefined)(name, () => {
    const results = new Map<string, Line>()
    let head: Line = {}
    beforeAll(async () => {
      head = await outcomeOf(name, results)
      if (head.executor === undefined) console.log(`skipped: ${name}: ${JSON.stringify(head.failures)}`)
    }, 600_000)
    for (const { name: check } of executorChecks()) {
      if (!check.includes(suite.words ?? '')) continue
      it(check, (context) => {
        if (head.executor === undefined) return context.skip('it does not work here')
        const result = results.get(check)
        if (result?.notPromised !== undefined) return context.skip(result.notPromised)
        expect(result?.error).toBeUndefined()
        expect(result).toBeDefined()
      })
    }
  })
}

type Outcome = readonly [head: Line, results: ReadonlyMap<string, Line>]

let outcomes: Map<string, Promise<Outcome>> | undefined

/** The suites wait most of their time: several run side by side. */
async function outcomeOf(name: string, into: Map<string, Line>): Promise<Line> {
  outcomes ??= startAll()
  const [head, results] = await outcomes.get(name)!
  for (const [check, line] of results) into.set(check, line)
  return head
}

function startAll(): Map<string, Promise<Outcome>> {
  const lanes: Promise<unknown>[] = Array.from({ length: LANES }, () => Promise.resolve())
  const started = new Map<string, Promise<Outcome>>()
  for (const [name, suite] of Object.entries(SUITES)) {
    if (suite.as === undefined || busybox === undefined) continue
    const lane = started.size % LANES
    const outcome = lanes[lane]!.then(async (): Promise<Outcome> => {
      const results = new Map<string, Line>()
      return [await runSuite(suite, results), results]
    })
    lanes[lane] = outcome.catch(() => {})
    outcome.catch(() => {})
    started.set(name, outcome)
  }
  return started
}

async function runSuite(suite: Suite, results: Map<string, Line>): Promise<Line> {
  const directory = space.folder(suite.executor + (suite.overlay ?? '') + suite.as!.length, {})
  chmodSync(space.root, 0o755)
  chmodSync(directory, 0o777)
  const args = [suite.executor, directory, busybox!, suite.overlay ?? '', suite.words ?? '']
  const [command = '', ...rest] = [...suite.as!, process.execPath, RUNNER, ...args]
  const child = spawn(command, rest, {
    cwd: '/',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH },
  })
  const ended = once(child, 'close')
  let head: Line = {}
  for await (const text of createInterface({ input: child.stdout })) {
    const line = JSON.parse(text) as Line
    if (line.check === undefined) head = line
    else results.set(line.check, line)
  }
  expect((await ended)[0]).toBe(0)
  return head
}
