import { median } from './median.mjs'

/** @typedef {import('./take-turns.mjs').Results} Results */
/** @typedef {import('./take-turns.mjs').Score} Score */
/** @typedef {import('./suite.mjs').Contender} Contender */

/**
 * @typedef {object} Cell
 * @property {number | undefined} seconds undefined when every run failed
 * @property {number | undefined} ratio their time in ours
 * @property {boolean | undefined} reached undefined where no bar is held against it
 * @property {number} failures
 */

/**
 * @typedef {object} Line
 * @property {string} name
 * @property {number} bar
 * @property {(Cell | undefined)[]} cells one a contender; undefined where it took no part
 * @property {number | undefined} peak most memory of ours in any run, in MiB
 * @property {string} verdict
 */

/**
 * Holds the bars against what was measured.
 * @param {Results} results
 * @param {Contender[]} contenders ours first
 * @returns {Line[]}
 */
export function judge(results, contenders) {
  return Array.from(results, ([row, scores]) => {
    const ours = scores.get(/** @type {Contender} */ (contenders[0]))
    const ourTime = timeOf(ours)
    const cells = contenders.map((contender) => {
      const score = scores.get(contender)
      return score && cell(score, ourTime, contender.judged ? row.bar : undefined)
    })
    const peaks = ours?.figures.flatMap(({ peak }) => peak ?? []) ?? []
    const peak = peaks.length > 0 ? Math.max(...peaks) : undefined
    return { name: row.name, bar: row.bar, cells, peak, verdict: verdict(cells) }
  })
}

/**
 * @param {number | undefined} peak
 * @param {number} bar
 */
export function memoryVerdict(peak, bar) {
  if (peak === undefined) return 'not measured'
  return peak <= bar ? 'reached' : 'missed'
}

/**
 * @param {Score} score
 * @param {number | undefined} ours
 * @param {number | undefined} bar
 * @returns {Cell}
 */
function cell(score, ours, bar) {
  const seconds = timeOf(score)
  const ratio = ours === undefined || seconds === undefined ? undefined : seconds / ours
  const reached = bar === undefined || ratio === undefined ? undefined : ratio >= bar
  return { seconds, ratio, reached, failures: score.failures }
}

function verdict(/** @type {(Cell | undefined)[]} */ cells) {
  if (cells[0] === undefined) return 'not measured'
  if (cells[0].failures > 0) return 'failed'
  const judged = cells.flatMap((one) => one?.reached ?? [])
  const reached = judged.filter(Boolean).length
  if (judged.length === 0) return 'nothing to compare with'
  if (reached === judged.length) return 'reached'
  return reached === 0 ? 'missed' : `missed against ${judged.length - reached} of ${judged.length}`
}

function timeOf(/** @type {Score | undefined} */ score) {
  return median(score?.figures.map(({ seconds }) => seconds) ?? [])
}
