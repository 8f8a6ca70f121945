import { startDaemon } from '../../lib/start-daemon.mjs'
import { holds } from './holds.mjs'

/**
 * Docker with a daemon of its own. Its store overlay2 unpacks what it pulls and compresses anew what it pushes; with
 * the store of containerd it unpacks too, and keeps the layers as they came.
 * @param {import('../../lib/place.mjs').Place} place
 * @param {import('./suite.mjs').Transfer & { images: 'overlay2' | 'containerd' }} transfer
 * @returns {Promise<import('../../lib/suite.mjs').Entrant<import('./rows.mjs').RegistryRow>>}
 */
export async function docker(place, { source, target, bytes, images }) {
  const daemon = await startDaemon(place, { name: images, images })
  const pull = daemon.docker('pull', '-q', source.image)
  return {
    shows: ['docker pull IMAGE', 'docker push IMAGE'],
    judged: true,
    once: false,
    turn: ({ way }) =>
      way === 'pull'
        ? { before: [daemon.docker('image', 'prune', '--all', '--force')], command: pull }
        : {
            before: [pull, daemon.docker('tag', source.image, target.image), ['rm', '-rf', target.storage]],
            command: daemon.docker('push', '-q', target.image),
            check: () => holds(target.storage, bytes),
          },
  }
}
