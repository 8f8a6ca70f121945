import { join } from 'node:path'
import { cooper } from '../../lib/cooper.mjs'
import { holds } from './holds.mjs'

/**
 * This project's command.
 * @param {import('../../lib/place.mjs').Place} place
 * @param {import('./suite.mjs').Transfer} transfer
 * @returns {import('../../lib/suite.mjs').Entrant<import('./rows.mjs').RegistryRow>}
 */
export function cooperage({ folder }, { source, target, bytes }) {
  const store = join(folder, 'store')
  const pull = cooper({ store, args: ['pull', source.image] })
  return {
    shows: ['cooper pull IMAGE', 'cooper push IMAGE DESTINATION'],
    judged: false,
    once: false,
    turn: ({ way }) =>
      way === 'pull'
        ? { before: [['rm', '-rf', store]], command: pull, check: () => holds(store, bytes) }
        : {
            before: [pull, ['rm', '-rf', target.storage]],
            command: cooper({ store, args: ['push', source.image, target.image] }),
            check: () => holds(target.storage, bytes),
          },
  }
}
