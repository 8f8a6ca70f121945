import { lineUp } from '../../lib/line-up.mjs'
import { buildah } from './buildah.mjs'
import { buildkit } from './buildkit.mjs'
import { cooperage } from './cooperage.mjs'
import { makeBase } from './make-base.mjs'
import { rows } from './rows.mjs'
import { renewContext, writeContexts } from './write-contexts.mjs'

const base = 'debian'

/**
 * RUN on a Debian.
 * @type {import('../../lib/suite.mjs').Suite<import('./rows.mjs').RunRow>}
 */
export const run = {
  name: 'run',
  about: 'builds that run commands',
  needs: 'the tool `make-bases`, root and 2 GB; the tool `rivals` for the others',
  head: 'build',
  memoryBar: undefined,
  rows,
  async setUp(place, chosen) {
    await makeBase(place, base)
    writeContexts(place, chosen)
    const line = await lineUp({
      Cooperage: () => cooperage(place, base),
      BuildKit: () => buildkit(place, base),
      buildah: () => buildah(place, base),
    })
    return {
      ...line,
      prepare(row) {
        if (row.cold) renewContext(place, row)
        return () => {}
      },
      settle: () => {},
    }
  },
}
