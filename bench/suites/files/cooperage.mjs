import { join } from 'node:path'
import { cooper } from '../../lib/cooper.mjs'
import { archive, contextOf } from './paths.mjs'

/**
 * This project's command, in its default form.
 * @param {import('../../lib/place.mjs').Place} place
 * @returns {import('../../lib/suite.mjs').Entrant<import('./rows.mjs').FilesRow>}
 */
export function cooperage({ folder }) {
  const store = join(folder, 'store')
  const output = `type=docker,dest=${archive(folder)}`
  return {
    shows: ['cooper build -t bench -o type=docker,dest=FILE CONTEXT'],
    judged: false,
    once: false,
    turn: ({ cold, group }) => ({
      before: cold ? [['rm', '-rf', store]] : [],
      command: cooper({ store, args: ['build', '-t', 'bench', '-o', output, contextOf(folder, group)] }),
    }),
  }
}
