import { buildahStorage } from '../../lib/buildah-storage.mjs'
import { archive, contextOf } from './paths.mjs'

/**
 * buildah, the other builder without a daemon.
 * @param {import('../../lib/place.mjs').Place} place
 * @returns {import('../../lib/suite.mjs').Entrant<import('./rows.mjs').FilesRow>}
 */
export function buildah(place) {
  const { inside } = place.rivals()
  const { flags, forget } = buildahStorage(place)
  const storage = flags.join(' ')
  const script = `buildah ${storage} build --isolation chroot --layers -q -t bench "$1" &&
    buildah ${storage} push -q bench "docker-archive:$2:bench:latest"`
  return {
    shows: ['buildah build --layers -t bench CONTEXT && buildah push bench docker-archive:FILE'],
    judged: false,
    once: true,
    turn: ({ cold, group }) => ({
      before: cold ? [forget] : [],
      command: inside('sh', '-c', script, 'sh', contextOf(place.seen, group), archive(place.seen)),
    }),
  }
}
