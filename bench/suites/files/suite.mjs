import { rmSync } from 'node:fs'
import { findTool } from '../../lib/find-tool.mjs'
import { lineUp } from '../../lib/line-up.mjs'
import { startDaemon } from '../../lib/start-daemon.mjs'
import { warm } from '../../lib/warm.mjs'
import { buildah } from './buildah.mjs'
import { buildkitExporter } from './buildkit-exporter.mjs'
import { buildkitSave } from './buildkit-save.mjs'
import { cooperage } from './cooperage.mjs'
import { makeInputs } from './make-inputs.mjs'
import { archive, contextOf } from './paths.mjs'
import { rows } from './rows.mjs'

/**
 * From a context to a docker archive.
 * @type {import('../../lib/suite.mjs').Suite<import('./rows.mjs').FilesRow>}
 */
export const files = {
  name: 'files',
  about: 'builds of many files, and of a big one',
  needs: 'the tool `fixtures`, Python 3 and 10 GB; the tool `rivals` and root for the others',
  head: 'build',
  memoryBar: 250,
  rows,
  async setUp(place, chosen) {
    const tool = findTool('fixtures')
    if (tool === undefined) throw new Error('the tool `fixtures` is not here, which writes the inputs')
    await makeInputs(place, { tool, kinds: [...new Set(chosen.map(({ group }) => group))] })
    // Each form of BuildKit has a daemon of its own: what one has cached must not help another.
    const line = await lineUp({
      Cooperage: () => cooperage(place),
      'BuildKit, gzip': async () =>
        buildkitExporter(place, {
          daemon: await startDaemon(place, { name: 'gzip', images: 'containerd' }),
          compress: true,
        }),
      'BuildKit, uncompressed': async () =>
        buildkitExporter(place, {
          daemon: await startDaemon(place, { name: 'uncompressed', images: 'containerd' }),
          compress: false,
        }),
      'BuildKit, then save': async () =>
        buildkitSave(place, await startDaemon(place, { name: 'save', images: 'overlay2' })),
      buildah: () => buildah(place),
    })
    return {
      ...line,
      prepare: (row) => row.change(contextOf(place.folder, row.group)),
      settle(row) {
        rmSync(archive(place.folder), { force: true })
        if (row.cold) warm(contextOf(place.folder, row.group))
      },
    }
  },
}
