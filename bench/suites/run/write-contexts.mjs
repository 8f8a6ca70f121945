import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** One step on the base that no row has: whoever has built it has the base at hand. */
const atHand = 'FROM debian\nRUN true\n'

/**
 * Writes a context for each group of rows, and the one of the base: nothing but a Dockerfile.
 * @param {import('../../lib/place.mjs').Place} place
 * @param {import('./rows.mjs').RunRow[]} rows
 */
export function writeContexts({ folder, scale }, rows) {
  const texts = new Map(rows.map(({ group, dockerfile }) => [group, dockerfile(scale)])).set('base', atHand)
  for (const [name, text] of texts) {
    const context = contextOf(folder, name)
    mkdirSync(context, { recursive: true })
    writeFileSync(join(context, 'Dockerfile'), text)
  }
}

/**
 * @param {string} folder of the place, as whoever uses it sees it
 * @param {string} name a group of rows, or `base`
 */
export function contextOf(folder, name) {
  return join(folder, 'contexts', name)
}
