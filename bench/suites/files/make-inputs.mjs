import { join } from 'node:path'
import { measure } from '../../lib/measure.mjs'

/**
 * Writes the inputs: the same bytes, modes and times everywhere.
 * @param {import('../../lib/place.mjs').Place} place
 * @param {{ tool: string, kinds: string[] }} options
 */
export async function makeInputs({ folder, scale }, { tool, kinds }) {
  for (const kind of kinds) {
    await measure(['python3', tool, kind, join(folder, 'inputs', kind), '--scale', String(scale)])
  }
}
