import { memoryVerdict } from './judge.mjs'
import { table } from './table.mjs'

/** @typedef {import('./judge.mjs').Line} Line */
/** @typedef {import('./judge.mjs').Cell} Cell */
/** @typedef {import('./suite.mjs').Contender} Contender */

/**
 * @typedef {object} Report
 * @property {import('./suite.mjs').Suite} suite
 * @property {import('./suite.mjs').Field} field
 * @property {[name: string, value: string][]} machine
 * @property {Line[]} lines
 * @property {number} runs
 * @property {number} scale
 */

/**
 * The result of a suite as Markdown.
 * @param {Report} report
 */
export function formatReport({ suite, field: { contenders, absent }, machine, lines, runs, scale }) {
  const size = scale === 1 ? '' : ` Inputs at ${scale} of their size: no measure of speed.`
  return [
    `Seconds, medians of ${runs} ${runs === 1 ? 'run' : 'runs'}. In brackets our time to theirs.${size}`,
    table([suite.head, 'bar', ...contenders.map(heading), 'verdict'], lines.map(timeCells)),
    ...failures(contenders, lines),
    ...absent.map(({ name, reason }) => `Not measured: ${name}: ${reason.split('\n', 1)}.`),
    ...memory(suite, lines),
    table(
      ['column', 'command'],
      contenders.flatMap(({ name, shows }) =>
        shows.map((command, index) => [index === 0 ? name : '', `\`${command}\``]),
      ),
    ),
    table(['machine', ''], machine),
  ].join('\n\n')
}

function heading(/** @type {Contender} */ { name, once }) {
  return once ? `${name} (one run)` : name
}

function timeCells(/** @type {Line} */ { name, bar, cells, verdict }) {
  return [name, ratioText(bar, String), ...cells.map((cell, index) => timeText(cell, index === 0)), verdict]
}

/**
 * @param {Cell | undefined} cell
 * @param {boolean} ours
 */
function timeText(cell, ours) {
  if (cell === undefined) return '–'
  if (cell.seconds === undefined) return 'failed'
  const seconds = cell.seconds.toFixed(2)
  if (ours || cell.ratio === undefined) return seconds
  const mark = cell.reached === undefined ? '' : cell.reached ? ' reached' : ' missed'
  // A second digit where the bars lie close to 1.
  const ratio = ratioText(cell.ratio, (value) => value.toFixed(value < 2 ? 2 : 1))
  return `${seconds} (${ratio}${mark})`
}

/**
 * Our time to theirs, the smaller one as 1.
 * @param {number} ratio their time in ours
 * @param {(value: number) => string} format
 */
function ratioText(ratio, format) {
  return ratio >= 1 ? `1:${format(ratio)}` : `${format(1 / ratio)}:1`
}

/**
 * @param {Contender[]} contenders
 * @param {Line[]} lines
 */
function failures(contenders, lines) {
  return contenders.flatMap(({ name }, index) => {
    const failed = lines.flatMap((line) => {
      const count = line.cells[index]?.failures ?? 0
      return count === 0 ? [] : [count === 1 ? line.name : `${line.name} (${count} times)`]
    })
    return failed.length === 0 ? [] : [`Failed: ${name}: ${failed.join('; ')}.`]
  })
}

/**
 * @param {import('./suite.mjs').Suite} suite
 * @param {Line[]} lines
 */
function memory({ head, memoryBar }, lines) {
  const what = 'Memory of the largest process of ours, the most of all runs, in MiB.'
  const text = (/** @type {number | undefined} */ peak) => (peak === undefined ? '–' : peak.toFixed(0))
  if (memoryBar === undefined) {
    return [
      what,
      table(
        [head, 'MiB'],
        lines.map(({ name, peak }) => [name, text(peak)]),
      ),
    ]
  }
  return [
    `${what} The bar is ${memoryBar}.`,
    table(
      [head, 'MiB', 'verdict'],
      lines.map(({ name, peak }) => [name, text(peak), memoryVerdict(peak, memoryBar)]),
    ),
  ]
}
