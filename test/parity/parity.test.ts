import zlib from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { hasTool } from '../rival-tools.js'
import { workspace } from '../workspace.js'
import { makeBase } from './base-image.js'
import { byCooper } from './builders.js'
import { CASE_GROUPS } from './cases.js'
import { makeContext } from './context.js'
import { differencesOf } from './differences.js'
import { readRecorded } from './recorded.js'

const space = workspace('parity')
const base = makeBase(space.path('base'))

describe.each(Object.entries(CASE_GROUPS))(
  'an image is what BuildKit makes of the same Dockerfile: %s',
  (group, cases) => {
    const recorded = readRecorded(group)

    it('has an answer for every case, and no other', () => {
      expect([...recorded.keys()]).toEqual(cases.map(({ name }) => name))
    })

    it.concurrent.each(cases.map((one, index) => [one.name, one, index] as const))(
      '%s',
      async (name, one, index) => {
        if (one.needs === 'zstd' && !('createZstdDecompress' in zlib) && !hasTool('zstd')) return
        const context = `${group}-${index}`
        makeContext(space.path(context), one)
        const ours = await byCooper(one, { space, base, context })
        const theirs = recorded.get(name)!
        // Elsewhere it is enough that both refuse.
        if (group !== 'errors' && ours.error !== undefined && theirs.error !== undefined) return
        expect(differencesOf(one, ours, theirs)).toEqual([])
      },
    )
  },
)
