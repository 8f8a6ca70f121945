import { measure } from './measure.mjs'

/** @typedef {import('./measure.mjs').Measured} Measured */
/** @typedef {import('./suite.mjs').Row} Row */
/** @typedef {import('./suite.mjs').Contender} Contender */
/** @typedef {import('./suite.mjs').Field} Field */
/** @typedef {import('./suite.mjs').Turn} Turn */
/** @typedef {{ figures: Measured[], failures: number }} Score */
/** @typedef {Map<Row, Map<Contender, Score>>} Results a contender that takes no part in a row has no score */

/**
 * Measures every row with every contender. They take turns within a row, and the rows are gone through `runs` times,
 * so that whatever else the machine does meets all of them.
 * @param {{ field: Field, rows: Row[], runs: number, say: (line: string) => void }} options
 * @returns {Promise<Results>}
 */
export async function takeTurns({ field, rows, runs, say }) {
  /** @type {Results} */
  const results = new Map(rows.map((row) => [row, new Map()]))
  for (let run = 1; run <= runs; run++) {
    for (const row of rows) {
      const restore = field.prepare(row)
      try {
        for (const contender of field.contenders) {
          const turn = contender.once && run > 1 ? undefined : contender.turn(row)
          if (turn === undefined) continue
          say(`run ${run} of ${runs}: ${row.name}: ${contender.name}: `)
          const measured = await attempt(turn, { settle: () => field.settle(row), say })
          note(results.get(row), contender, measured)
        }
      } finally {
        restore()
      }
    }
  }
  return results
}

/**
 * @param {Turn} turn
 * @param {{ settle: () => void, say: (line: string) => void }} options
 * @returns {Promise<Measured | undefined>} undefined when it failed
 */
async function attempt({ before, command, check }, { settle, say }) {
  try {
    for (const first of before) await measure(first)
    settle()
    // What an earlier command left to be written would be written during this one.
    await measure(['sync'])
    const measured = await measure(command)
    check?.()
    say(`${measured.seconds.toFixed(2)} s\n`)
    return measured
  } catch (error) {
    say(`failed\n${error instanceof Error ? error.message : error}\n`)
    return undefined
  }
}

/**
 * @param {Map<Contender, Score> | undefined} scores
 * @param {Contender} contender
 * @param {Measured | undefined} measured
 */
function note(scores, contender, measured) {
  const { figures, failures } = scores?.get(contender) ?? { figures: [], failures: 0 }
  scores?.set(
    contender,
    measured ? { figures: [...figures, measured], failures } : { figures, failures: failures + 1 },
  )
}
