import { join } from 'node:path'
import { home } from '../contenders/contender.mjs'
import { measure } from './measure.mjs'

/**
 * Writes the inputs below the folder of the rivals: the same bytes, modes and times everywhere.
 * @param {{ tool: string, folder: string, kinds: string[], scale: number }} options
 */
export async function makeInputs({ tool, folder, kinds, scale }) {
  for (const kind of kinds) {
    await measure(['python3', tool, kind, join(folder, home, 'inputs', kind), '--scale', String(scale)])
  }
}
