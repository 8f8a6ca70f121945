/** @typedef {import('./suite.mjs').Row} Row */
/** @typedef {import('./suite.mjs').Absent} Absent */

/**
 * Makes the contenders of a suite. One that cannot be made is absent, with the reason, and the others go on.
 * @template {Row} R
 * @param {Record<string, () => import('./suite.mjs').Entrant<R> | Promise<import('./suite.mjs').Entrant<R>>>} entrants
 *   by name, ours first
 * @returns {Promise<{ contenders: import('./suite.mjs').Contender<R>[], absent: Absent[] }>}
 */
export async function lineUp(entrants) {
  const contenders = []
  const absent = []
  for (const [name, make] of Object.entries(entrants)) {
    try {
      contenders.push({ name, ...(await make()) })
    } catch (error) {
      absent.push({ name, reason: error instanceof Error ? error.message : String(error) })
    }
  }
  return { contenders, absent }
}
