import { archive, contextOf } from './paths.mjs'

const plain = 'compression=uncompressed,force-compression=true'

/**
 * BuildKit writing the archive itself. Docker's default store refuses this exporter, so the daemon must have the
 * containerd image store.
 * @param {import('../../lib/place.mjs').Place} place
 * @param {{ daemon: import('../../lib/start-daemon.mjs').Daemon, compress: boolean }} options daemon: it is emptied
 *   before a cold build; compress: as it does unless told otherwise, with gzip
 * @returns {import('../../lib/suite.mjs').Entrant<import('./rows.mjs').FilesRow>}
 */
export function buildkitExporter({ seen }, { daemon: { docker }, compress }) {
  const output = (/** @type {string} */ dest) => `type=docker,dest=${dest}${compress ? '' : `,${plain}`}`
  const build = ['buildx', 'build', '--provenance=false', '-q', '-t', 'bench', '-o', output(archive(seen))]
  return {
    shows: [`docker buildx build -o ${output('FILE')} CONTEXT`],
    judged: true,
    once: false,
    turn({ cold, group }) {
      // The big file is a row of archives without compression.
      if (compress && group === 'big') return undefined
      return {
        before: cold ? [docker('buildx', 'prune', '--all', '--force')] : [],
        command: docker(...build, contextOf(seen, group)),
      }
    },
  }
}
