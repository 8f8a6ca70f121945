import { memoryBar } from './rows.mjs'

/** @typedef {import('./take-turns.mjs').Results} Results */
/** @typedef {import('../contenders/contender.mjs').Contender} Contender */
/** @typedef {{ seconds: number, ratio: number | undefined, reached: boolean | undefined }} Cell */

/**
 * @typedef {object} Line
 * @property {string} name
 * @property {number} bar
 * @property {(Cell | undefined)[]} cells one a contender; undefined where it has no figure
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
  return Array.from(results, ([row, figures]) => {
    const times = contenders.map((contender) => median(figures.get(contender)?.map(({ seconds }) => seconds)))
    const cells = times.map((seconds, index) =>
      seconds === undefined
        ? undefined
        : cell(seconds, times[0], contenders[index]?.judged ? row.bar : undefined),
    )
    const peaks = (figures.get(/** @type {Contender} */ (contenders[0])) ?? []).flatMap(
      ({ peak }) => peak ?? [],
    )
    const peak = peaks.length > 0 ? Math.max(...peaks) : undefined
    return { name: row.name, bar: row.bar, cells, peak, verdict: verdict(cells) }
  })
}

/** @param {number | undefined} peak */
export function memoryVerdict(peak) {
  if (peak === undefined) return 'not measured'
  return peak <= memoryBar ? 'reached' : 'missed'
}

/**
 * @param {number} seconds
 * @param {number | undefined} ours
 * @param {number | undefined} bar
 * @returns {Cell}
 */
function cell(seconds, ours, bar) {
  const ratio = ours === undefined ? undefined : seconds / ours
  return { seconds, ratio, reached: bar === undefined || ratio === undefined ? undefined : ratio >= bar }
}

function verdict(/** @type {(Cell | undefined)[]} */ cells) {
  if (cells[0] === undefined) return 'not measured'
  const judged = cells.flatMap((one) => one?.reached ?? [])
  const reached = judged.filter(Boolean).length
  if (judged.length === 0) return 'nothing to compare with'
  if (reached === judged.length) return 'reached'
  return reached === 0 ? 'missed' : `missed against ${judged.length - reached} of ${judged.length}`
}

function median(/** @type {number[] | undefined} */ values = []) {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]]
  return low === undefined || high === undefined ? undefined : (low + high) / 2
}
