import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** One step on the base that no row has: whoever has built it has the base at hand. */
const atHand = 'FROM debian\nRUN true\n'

/**
 * Writes a context for each group of rows, and the one of the base: nothing but a Dockerfile.
 * @param {import('../../lib/place.mjs').Place} place
 * @param {import('./rows.mjs').RunRow[]} rows
 */
export function writeContexts(place, rows) {
  writeContext(place, 'base', atHand)
  for (const row of rows) renewContext(place, row)
}

let turns = 0

/**
 * Commands that nobody has run yet. Nothing is forgotten for that: a file system in which many files were removed a
 * moment ago makes new ones at a tenth of its speed, and who removes how many is another question.
 * @param {import('../../lib/place.mjs').Place} place
 * @param {import('./rows.mjs').RunRow} row
 */
export function renewContext(place, { group, dockerfile }) {
  writeContext(place, group, dockerfile(place.scale, turns++))
}

/**
 * @param {import('../../lib/place.mjs').Place} place
 * @param {string} name
 * @param {string} text
 */
function writeContext({ folder }, name, text) {
  const context = contextOf(folder, name)
  mkdirSync(context, { recursive: true })
  writeFileSync(join(context, 'Dockerfile'), text)
}

/**
 * @param {string} folder of the place, as whoever uses it sees it
 * @param {string} name a group of rows, or `base`
 */
export function contextOf(folder, name) {
  return join(folder, 'contexts', name)
}
