import { archive, contextOf } from './contender.mjs'

/**
 * BuildKit into Docker's default store, and the archive out of it: what most people do.
 * @param {import('../lib/rivals.mjs').Daemon} daemon with no other user: it is emptied before a cold build
 * @param {import('../lib/rivals.mjs').Rivals['inside']} inside
 * @returns {import('./contender.mjs').Contender}
 */
export function buildkitSave(daemon, inside) {
  // One shell for both commands, so that the way into the rivals' system is paid once, as by the others.
  const host = daemon.docker().find((word) => word.startsWith('DOCKER_HOST='))
  const script = 'docker buildx build --provenance=false -q -t bench "$1" && docker save -o "$2" bench'
  return {
    name: 'BuildKit, then save',
    shows: 'docker buildx build -t bench CONTEXT && docker save -o FILE bench',
    judged: true,
    once: false,
    inputs: ['many', 'big'],
    forget: [
      daemon.docker('image', 'prune', '--all', '--force'),
      daemon.docker('buildx', 'prune', '--all', '--force'),
    ],
    build: (input) => inside('env', String(host), 'sh', '-c', script, 'sh', contextOf(input), archive),
  }
}
