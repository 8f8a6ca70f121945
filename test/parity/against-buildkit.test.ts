import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { workspace } from '../workspace.js'
import { makeBase } from './base-image.js'
import { byBuildKit, byCooper } from './builders.js'
import type { Built } from './built-image.js'
import { CASE_GROUPS, RUN_GROUPS } from './cases.js'
import { makeContext } from './context.js'
import { differencesOf } from './differences.js'
import { generate } from './random-cases.js'
import { generateRuns } from './random-runs.js'
import { writeRecorded } from './recorded.js'
import { runBases } from './run-bases.js'

/**
 * A command line that takes the arguments of `docker` and reaches a daemon that keeps images in containerd. Set, this
 * file asks it; COOPERAGE_RECORD=all, or the name of a group, then keeps its answers to the cases, and COOPERAGE_RANDOM=SEED:COUNT compares that
 * many random Dockerfiles, with `:runs` behind it such with RUN. Cases run one by one, since BuildKit shares what builds at the same time have in common.
 */
const docker = process.env.COOPERAGE_BUILDKIT?.split(' ')
const recorded = process.env.COOPERAGE_RECORD ?? ''
/** `all`, `runs`, or the name of a group. */
const groups = Object.entries({ ...CASE_GROUPS, ...RUN_GROUPS }).filter(
  ([name]) => recorded === 'all' || recorded === name || (recorded === 'runs' && name in RUN_GROUPS),
)
const [seed, count, kind] = (process.env.COOPERAGE_RANDOM ?? '').split(':')
const random = () => (kind === 'runs' ? generateRuns : generate)(Number(seed), Number(count))
const space = workspace('against-buildkit')
const HOURS = 6 * 3_600_000
// Hooks of a file whose tests all skip are not called.
if (docker === undefined) rmSync(space.root, { recursive: true })

describe.skipIf(docker === undefined || groups.length === 0)("BuildKit's answers are kept", () => {
  it.each(groups)('%s', { timeout: HOURS }, async (group, cases) => {
    const base = makeBase(space.path(`base-${group}`))
    const bases = group in RUN_GROUPS ? runBases(space, { copied: true }) : []
    const built = new Map<string, Built>()
    for (const [index, one] of cases.entries()) {
      const context = `${group}-${process.pid}-${index}`
      makeContext(space.path(context), one)
      built.set(one.name, await byBuildKit(docker!, one, { space, base, bases, context }))
    }
    expect(built.size).toBe(cases.length)
    writeRecorded(group, versionOf(docker!), built)
  })
})

describe.skipIf(docker === undefined || !seed || !count)(
  'random Dockerfiles give the image of BuildKit',
  () => {
    const differing: string[] = []
    let failed = 0
    afterAll(() => console.log(`${count} Dockerfiles from seed ${seed}, ${failed} of them refused by both`))

    it('in every part', { timeout: HOURS }, async () => {
      const base = makeBase(space.path('base'))
      const bases = kind === 'runs' ? runBases(space, { copied: true }) : []
      for (const [index, one] of random().entries()) {
        const place = { space, base, bases, context: `random-${process.pid}-${index}` }
        makeContext(space.path(place.context), one)
        const ours = await byCooper(one, place)
        const theirs = beside(ours, await byBuildKit(docker!, one, place))
        // The words of an error are compared in the cases that are about them.
        if (ours.error !== undefined && theirs.error !== undefined) failed++
        else {
          const lines = differencesOf(one, ours, theirs)
          if (lines.length > 0)
            differing.push([one.name, one.dockerfile, one.ignore ?? '', ...lines].join('\n'))
        }
      }
      expect(differing.join('\n\n')).toBe('')
    })
  },
)

/**
 * BuildKit of Docker 26 writes the layer of the base anew too, where it rewrites times, so that nothing tells it from
 * the others but its place; and it does not date the image by its epoch. Both bases have one layer.
 */
function beside(ours: Built, theirs: Built): Built {
  if (kind !== 'runs' || theirs.error !== undefined || !versionOf(docker!).includes('Docker 26'))
    return theirs
  const { created } = ours.config ?? {}
  return {
    ...theirs,
    layers: theirs.layers!.slice(1),
    diffIds: theirs.diffIds!.slice(1),
    config: { ...theirs.config!, ...(created !== undefined && { created }) },
  }
}

function versionOf([command, ...first]: readonly string[]): string {
  const [engine] = execFileSync(command!, [...first, 'version', '--format', '{{.Server.Version}}'], {
    encoding: 'utf8',
  }).split('\n')
  return `the BuildKit of Docker ${engine}`
}
