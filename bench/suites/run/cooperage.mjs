import { join } from 'node:path'
import { cooper } from '../../lib/cooper.mjs'
import { measure } from '../../lib/measure.mjs'
import { contextOf } from './write-contexts.mjs'

/**
 * This project's command.
 * @param {import('../../lib/place.mjs').Place} place
 * @param {string} base folder in the place
 * @returns {Promise<import('../../lib/suite.mjs').Entrant<import('./rows.mjs').RunRow>>}
 */
export async function cooperage({ folder }, base) {
  const store = join(folder, 'store')
  const debian = `debian=oci-layout://${join(folder, base)}:latest`
  const build = (/** @type {string} */ name) =>
    cooper({
      store,
      args: [
        ...['build', '-q', '--network', 'host', '--build-context', debian],
        ...['-t', 'bench', contextOf(folder, name)],
      ],
    })
  await measure(build('base'))
  return {
    shows: ['cooper build --network host --build-context debian=oci-layout://FOLDER -t bench CONTEXT'],
    judged: false,
    once: false,
    turn: ({ group }) => ({ before: [], command: build(group) }),
  }
}
