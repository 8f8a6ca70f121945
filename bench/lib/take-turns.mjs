import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { archive, contextOf } from '../contenders/contender.mjs'
import { measure } from './measure.mjs'
import { warm } from './warm.mjs'

/** @typedef {import('./measure.mjs').Measured} Measured */
/** @typedef {import('./rows.mjs').Row} Row */
/** @typedef {import('../contenders/contender.mjs').Contender} Contender */
/** @typedef {Map<Row, Map<Contender, Measured[]>>} Results a contender that failed or takes no part has no figures */

/**
 * Measures every row with every contender. They take turns within a row, and the rows are gone through `runs` times,
 * so that whatever else the machine does meets all of them.
 * @param {{ folder: string, contenders: Contender[], rows: Row[], runs: number, say: (line: string) => void }} options
 * @returns {Promise<Results>}
 */
export async function takeTurns({ folder, contenders, rows, runs, say }) {
  /** @type {Results} */
  const results = new Map(rows.map((row) => [row, new Map()]))
  const output = join(folder, archive)
  for (let run = 1; run <= runs; run++) {
    for (const row of rows) {
      const context = join(folder, contextOf(row.input))
      const restore = row.prepare(context)
      try {
        for (const contender of contenders) {
          if (!contender.inputs.includes(row.input) || (contender.once && run > 1)) continue
          if (row.cold) await forget(contender, context)
          rmSync(output, { force: true })
          // What an earlier command left to be written would be written during this one.
          await measure(['sync'])
          say(`run ${run} of ${runs}: ${row.name}: ${contender.name}: `)
          const measured = await attempt(contender, row, say)
          if (measured) add(results.get(row), contender, measured)
        }
      } finally {
        restore()
      }
    }
  }
  rmSync(output, { force: true })
  return results
}

async function forget(/** @type {Contender} */ contender, /** @type {string} */ context) {
  for (const command of contender.forget) await measure(command)
  warm(context)
}

/**
 * @param {Contender} contender
 * @param {Row} row
 * @param {(line: string) => void} say
 */
async function attempt(contender, row, say) {
  try {
    const measured = await measure(contender.build(row.input))
    say(`${measured.seconds.toFixed(2)} s\n`)
    return measured
  } catch (error) {
    say(`failed\n${error instanceof Error ? error.message : error}\n`)
    return undefined
  }
}

/**
 * @param {Map<Contender, Measured[]> | undefined} row
 * @param {Contender} contender
 * @param {Measured} measured
 */
function add(row, contender, measured) {
  row?.set(contender, [...(row.get(contender) ?? []), measured])
}
