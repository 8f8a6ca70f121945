import type { Built } from './built-image.js'
import type { ParityCase, Part } from './parity-case.js'

/** Where our image is not BuildKit's, as lines for a person; none when they are equal. */
export function differencesOf(one: ParityCase, ours: Built, theirs: Built): string[] {
  const apart: readonly Part[] = one.apart?.parts ?? []
  if ((ours.error === undefined) !== (theirs.error === undefined)) {
    return apart.includes('outcome')
      ? []
      : [`ours: ${ours.error ?? 'built'}`, `theirs: ${theirs.error ?? 'built'}`]
  }
  if (ours.error !== undefined) return []
  const lines: string[] = []
  const compare = (part: Part, key: keyof Built) => {
    if (apart.includes(part)) return
    const [mine, other] = [linesOf(ours[key]), linesOf(theirs[key])]
    if (mine.join('\n') === other.join('\n')) return
    lines.push(`${key}:`)
    lines.push(...mine.filter((line) => !other.includes(line)).map((line) => `  ours   ${line}`))
    lines.push(...other.filter((line) => !mine.includes(line)).map((line) => `  theirs ${line}`))
  }
  compare('config', 'config')
  compare('history', 'history')
  compare('layers', 'layers')
  compare('layers', 'diffIds')
  compare('manifest', 'manifest')
  return lines
}

function linesOf(value: unknown): string[] {
  return JSON.stringify(value, undefined, 1).split('\n')
}
