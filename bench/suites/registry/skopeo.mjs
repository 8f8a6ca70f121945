import { join } from 'node:path'
import { holds } from './holds.mjs'

/**
 * The command that runs skopeo: the rivals', or where there are none this machine's, which may be older.
 * @param {import('../../lib/place.mjs').Place} place
 * @param {string[]} args
 * @returns {import('../../lib/suite.mjs').Command}
 */
export function skopeoCommand({ folder, seen, rivals }, args) {
  return folder === seen ? ['skopeo', ...args] : rivals().inside('skopeo', ...args)
}

/**
 * skopeo, which moves the layers as they are, from and to a layout.
 * @param {import('../../lib/place.mjs').Place} place
 * @param {import('./suite.mjs').Transfer} transfer
 * @returns {import('../../lib/suite.mjs').Entrant<import('./rows.mjs').RegistryRow>}
 */
export function skopeo(place, { source, target, layout, bytes }) {
  const copy = (/** @type {string[]} */ ...args) => skopeoCommand(place, ['copy', '-q', ...args])
  const pulled = join(place.folder, 'skopeo')
  return {
    shows: ['skopeo copy docker://IMAGE oci:FOLDER', 'skopeo copy oci:FOLDER docker://IMAGE'],
    judged: true,
    once: false,
    turn: ({ way }) =>
      way === 'pull'
        ? {
            before: [['rm', '-rf', pulled]],
            command: copy(
              '--src-tls-verify=false',
              `docker://${source.image}`,
              `oci:${place.seen}/skopeo:latest`,
            ),
            check: () => holds(pulled, bytes),
          }
        : {
            before: [['rm', '-rf', target.storage]],
            command: copy(
              '--dest-tls-verify=false',
              `oci:${place.seen}/${layout}:latest`,
              `docker://${target.image}`,
            ),
            check: () => holds(target.storage, bytes),
          },
  }
}
