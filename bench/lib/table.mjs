/**
 * A table of Markdown, padded so that it reads well in a terminal too.
 * @param {string[]} head
 * @param {string[][]} body
 */
export function table(head, body) {
  const widths = head.map((text, column) =>
    Math.max(3, ...[text, ...body.map((row) => row[column] ?? '')].map((cell) => cell.length)),
  )
  const line = (/** @type {string[]} */ cells) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n')
}
