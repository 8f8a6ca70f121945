import type { SourceLocation } from '@cooperage/store/errors'
import { escapeLine } from './escape.js'

const RULE = '-'.repeat(20)
const LONGEST_LINE = 200
const MOST_LINES = 30

interface Lines {
  readonly first: number
  readonly last: number
}

/**
 * The lines to show, as BuildKit chooses them: one line alone says little and gets more company than several do, and
 * where there is none on the one side there is more on the other.
 */
function surroundings(meant: Lines, count: number): Lines {
  let { first, last } = meant
  const most = first === last ? 4 : 2
  for (let shown = 0; shown < most; shown++) {
    if (first > 1) {
      first--
      shown++
    }
    if (last < count) {
      last++
      shown++
    }
  }
  return { first, last }
}

/** `Dockerfile:12` and the lines around it, those that are meant marked with `>>>`. */
export function sourceExcerpt(location: SourceLocation): string[] {
  const { file, line, source } = location
  const lines = [`${escapeLine(file)}:${line}`]
  const last = Math.max(line, location.endLine ?? line)
  if (!source || line < 1 || last > source.length) return lines
  const around = surroundings({ first: line, last }, source.length)
  const from = around.first
  // What follows the last line end is not a line.
  const count = source.at(-1) === '' ? source.length - 1 : source.length
  const to = Math.max(last, Math.min(count, around.last, from + MOST_LINES))
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
