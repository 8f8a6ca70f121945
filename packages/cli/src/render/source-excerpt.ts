import type { SourceLocation } from '@cooperage/store/errors'
import { escapeLine } from './escape.js'

const RULE = '-'.repeat(20)
const LONGEST_LINE = 200
const MOST_LINES = 30

/** `Dockerfile:12` and the lines around it, those that are meant marked with `>>>`. */
export function sourceExcerpt(location: SourceLocation): string[] {
  const { file, line, source } = location
  const lines = [`${escapeLine(file)}:${line}`]
  const last = Math.max(line, location.endLine ?? line)
  if (!source || line < 1 || last > source.length) return lines
  // One line alone says little: it gets more company than several do.
  const padding = last === line ? 4 : 2
  const from = Math.max(1, line - padding)
  // What follows the last line end is not a line.
  const count = source.at(-1) === '' ? source.length - 1 : source.length
  const to = Math.max(last, Math.min(count, last + padding, from + MOST_LINES))
  const width = Math.max(3, String(to).length)
  lines.push(RULE)
  for (let number = from; number <= to; number++) {
    const mark = number >= line && number <= last ? '>>>' : '   '
    const text = source[number - 1]!.replaceAll('\t', '    ')
    const shown = text.length > LONGEST_LINE ? `${text.slice(0, LONGEST_LINE)}…` : text
    lines.push(`${String(number).padStart(width + 1)} | ${mark} ${escapeLine(shown)}`.trimEnd())
  }
  return [...lines, RULE]
}
