import { describe, expect, it } from 'vitest'
import { sample } from '../long.js'
import { runExecutor } from '../run-executor.js'
import { workspace } from '../workspace.js'
import { makeBase } from './base-image.js'
import { byCooper } from './builders.js'
import { RUN_GROUPS } from './cases.js'
import { makeContext } from './context.js'
import { differencesOf } from './differences.js'
import { readRecorded } from './recorded.js'
import { runBases } from './run-bases.js'

const space = workspace('run-parity')
const executor = await runExecutor(space)
/** An ordinary user may not have every id, and makes no device. */
const isAsRoot = executor?.name.endsWith('root') === true
if (!isAsRoot) console.log('skipped: RUN beside BuildKit, which runs it as root')
const base = makeBase(space.path('base'))
const bases = runBases(space)

describe.skipIf(!isAsRoot).each(Object.entries(RUN_GROUPS))(
  'RUN makes what BuildKit makes: %s',
  (group, cases) => {
    const recorded = readRecorded(group)

    it('has an answer for every case, and no other', () => {
      expect([...recorded.keys()]).toEqual(cases.map(({ name }) => name))
    })

    const numbered = cases.map((one, index) => [one.name, one, index] as const)
    it.concurrent.each(sample(numbered, 3))('%s', async (name, one, index) => {
      const isServed =
        one.needs === 'runtime' ? executor?.name.endsWith('-root') : executor?.name === 'oci-root'
      if ((one.needs === 'runtime' || one.needs === 'cgroups') && !isServed) {
        console.log(`skipped: not in ${executor?.name} (${name})`)
        return
      }
      const missing = /^FROM (debian\S*)/m.exec(String(one.dockerfile))?.[1]
      if (!bases.some((known) => known.name === (missing ?? 'busybox'))) {
        console.log(`skipped: no base image for ${name}`)
        return
      }
      const context = `${group}-${index}`
      makeContext(space.path(context), one)
      const ours = await byCooper(one, { space, base, bases, context })
      const theirs = recorded.get(name)!
      // Elsewhere it is enough that both refuse.
      if (group !== 'run-failures' && ours.error !== undefined && theirs.error !== undefined) return
      // How a failure is told is our own; which lines failed, and how, is not.
      const parts = [...(one.apart?.parts ?? []), 'message' as const]
      const differences = [
        ...differencesOf({ ...one, apart: { parts, why: '' } }, ours, theirs),
        ...(parts.includes('outcome') ? [] : differencesOfCodes(ours.error, theirs.error)),
      ]
      if (differences.length > 0) expect.fail(differences.join('\n'))
    })
  },
)

/** A program that could not be started has no code here. */
function differencesOfCodes(ours = '', theirs = ''): string[] {
  const [, code] = /exit code: (\d+)/.exec(theirs) ?? []
  if (code === undefined || ours.includes('cannot be started') || ours.includes(`exit code ${code}\n`))
    return []
  return [`no exit code ${code}: ${ours}`]
}
