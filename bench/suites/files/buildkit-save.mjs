import { archive, contextOf } from './paths.mjs'

/**
 * BuildKit into Docker's default store, and the archive out of it: what most people do.
 * @param {import('../../lib/place.mjs').Place} place
 * @param {import('../../lib/start-daemon.mjs').Daemon} daemon it is emptied before a cold build
 * @returns {import('../../lib/suite.mjs').Entrant<import('./rows.mjs').FilesRow>}
 */
export function buildkitSave({ seen, rivals }, { docker, host }) {
  // One shell for both commands, so that the way into the rivals' system is paid once, as by the others.
  const script = 'docker buildx build --provenance=false -q -t bench "$1" && docker save -o "$2" bench'
  const shell = rivals().inside('env', `DOCKER_HOST=${host}`, 'sh', '-c', script, 'sh')
  return {
    shows: ['docker buildx build -t bench CONTEXT && docker save -o FILE bench'],
    judged: true,
    once: false,
    turn: ({ cold, group }) => ({
      before: cold
        ? [docker('image', 'prune', '--all', '--force'), docker('buildx', 'prune', '--all', '--force')]
        : [],
      command: [...shell, contextOf(seen, group), archive(seen)],
    }),
  }
}
