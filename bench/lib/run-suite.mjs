import { judge } from './judge.mjs'
import { describeMachine } from './machine.mjs'
import { formatReport } from './report.mjs'
import { takeTurns } from './take-turns.mjs'

/**
 * Measures a suite in a place of its own.
 * @param {import('./suite.mjs').Suite} suite
 * @param {import('./suite.mjs').Row[]} rows those of the suite that are asked for
 * @param {{ place: import('./place.mjs').Place, runs: number, say: (text: string) => void }} options
 * @returns {Promise<string>} the result as Markdown
 */
export async function runSuite(suite, rows, { place, runs, say }) {
  say(`${suite.name}: writing the inputs, starting the others\n`)
  const field = await suite.setUp(place, rows)
  for (const { name, reason } of field.absent) say(`${suite.name}: without ${name}: ${reason}\n`)
  const results = await takeTurns({ field, rows, runs, say })
  const lines = judge(results, field.contenders)
  return formatReport({
    suite,
    field,
    machine: describeMachine(place.folder),
    lines,
    runs,
    scale: place.scale,
  })
}
