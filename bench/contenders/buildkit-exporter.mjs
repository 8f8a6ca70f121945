import { archive, contextOf } from './contender.mjs'

const plain = 'compression=uncompressed,force-compression=true'

/**
 * BuildKit writing the archive itself. Docker's default store refuses this exporter, so the daemon must have the
 * containerd image store.
 * @param {import('../lib/rivals.mjs').Daemon} daemon with no other user: it is emptied before a cold build
 * @param {{ compress: boolean }} options compress: as it does unless told otherwise, with gzip
 * @returns {import('./contender.mjs').Contender}
 */
export function buildkitExporter(daemon, { compress }) {
  const output = (/** @type {string} */ dest) => `type=docker,dest=${dest}${compress ? '' : `,${plain}`}`
  const build = ['buildx', 'build', '--provenance=false', '-q', '-t', 'bench', '-o']
  return {
    name: compress ? 'BuildKit, gzip' : 'BuildKit, uncompressed',
    shows: `docker buildx build -o ${output('FILE')} CONTEXT`,
    judged: true,
    once: false,
    // The big file is a row of archives without compression.
    inputs: compress ? ['many'] : ['many', 'big'],
    forget: [daemon.docker('buildx', 'prune', '--all', '--force')],
    build: (input) => daemon.docker(...build, output(archive), contextOf(input)),
  }
}
