import { buildahStorage } from '../../lib/buildah-storage.mjs'
import { measure } from '../../lib/measure.mjs'
import { contextOf } from './write-contexts.mjs'

/**
 * buildah, the other builder without a daemon, with the isolation that needs the least.
 * @param {import('../../lib/place.mjs').Place} place
 * @param {string} base folder in the place
 * @returns {Promise<import('../../lib/suite.mjs').Entrant<import('./rows.mjs').RunRow>>}
 */
export async function buildah(place, base) {
  const { seen } = place
  const { inside } = place.rivals()
  const { flags, transport } = buildahStorage(place)
  const image = `oci:${seen}/${base}:latest`
  const load = inside('skopeo', 'copy', '-q', image, `${transport}docker.io/library/debian`)
  // By default it raises both limits, which not every root may.
  const limits = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024']
  const options = ['--isolation', 'chroot', '--network', 'host', ...limits, '--pull=never', '--layers', '-q']
  const build = (/** @type {string} */ name) =>
    inside('buildah', ...flags, 'build', ...options, '-t', 'bench', contextOf(seen, name))
  for (const first of [load, build('base')]) await measure(first)
  return {
    shows: ['buildah build --isolation chroot --network host --layers -t bench CONTEXT'],
    judged: false,
    once: true,
    turn: ({ group }) => ({ before: [], command: build(group) }),
  }
}
