import { memoryVerdict } from './judge.mjs'
import { memoryBar } from './rows.mjs'

/** @typedef {import('./judge.mjs').Line} Line */
/** @typedef {import('../contenders/contender.mjs').Contender} Contender */

/**
 * @typedef {object} Report
 * @property {[name: string, value: string][]} machine
 * @property {Contender[]} contenders
 * @property {Line[]} lines
 * @property {number} runs
 * @property {number} scale
 */

/**
 * The result as Markdown, whose tables read well in a terminal too.
 * @param {Report} report
 */
export function formatReport({ machine, contenders, lines, runs, scale }) {
  const size = scale === 1 ? '' : ` Inputs at ${scale} of their size: no measure of speed.`
  return [
    `Seconds, medians of ${runs} ${runs === 1 ? 'run' : 'runs'}. In brackets our time to theirs.${size}`,
    table(['build', 'bar', ...contenders.map(heading), 'verdict'], lines.map(timeCells)),
    `Memory of the largest process of ours, the most of all runs, in MiB. The bar is ${memoryBar}.`,
    table(['build', 'MiB', 'verdict'], lines.map(memoryCells)),
    table(
      ['column', 'command'],
      contenders.map(({ name, shows }) => [name, `\`${shows}\``]),
    ),
    table(['machine', ''], machine),
  ].join('\n\n')
}

function heading(/** @type {Contender} */ { name, once }) {
  return once ? `${name} (one run)` : name
}

function timeCells(/** @type {Line} */ { name, bar, cells, verdict }) {
  const texts = cells.map((cell, index) => {
    if (cell === undefined) return '–'
    const seconds = cell.seconds.toFixed(2)
    if (index === 0 || cell.ratio === undefined) return seconds
    const mark = cell.reached === undefined ? '' : cell.reached ? ' reached' : ' missed'
    return `${seconds} (1:${cell.ratio.toFixed(1)}${mark})`
  })
  return [name, `1:${bar}`, ...texts, verdict]
}

function memoryCells(/** @type {Line} */ { name, peak }) {
  return [name, peak === undefined ? '–' : peak.toFixed(0), memoryVerdict(peak)]
}

/**
 * @param {string[]} head
 * @param {string[][]} body
 */
function table(head, body) {
  const widths = head.map((text, column) =>
    Math.max(3, ...[text, ...body.map((row) => row[column] ?? '')].map((cell) => cell.length)),
  )
  const line = (/** @type {string[]} */ cells) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n')
}
