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
  if (ours.error !== undefined) return differencesOfErrors(apart, ours.error, theirs.error!)
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

/** Both refuse; that the words and the lines shown agree is asked of the cases that are about it. */
function differencesOfErrors(apart: readonly Part[], ours: string, theirs: string): string[] {
  const lines: string[] = []
  const message = messageOf(theirs)
  if (!apart.includes('message') && !ours.includes(message)) lines.push(`not said: ${message}`, ours)
  const shown = excerptOf(theirs)
  if (!apart.includes('excerpt') && excerptOf(ours) !== shown) lines.push('shown:', ours, 'and not:', theirs)
  return lines
}

/** The words of BuildKit without those that name its inner steps and places. */
function messageOf(error: string): string {
  const [line = ''] = error.split('\n').filter((one) => one.startsWith('ERROR: '))
  return line
    .replace(/^ERROR: failed to build: (?:failed to solve: )?/, '')
    .replace(/^failed to compute cache key: failed to calculate checksum of ref: /, '')
    .replace(/\/var\/lib\/docker\/\S*?\/buildkit\d+/, '')
}

/** The lines of the Dockerfile that are shown, without an empty last one. */
function excerptOf(error: string): string | undefined {
  const [, excerpt] = /^(\S+:\d+\n-{20}\n[\s\S]*?)^-{20}$/m.exec(error) ?? []
  return excerpt
    ?.split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => !/^ *\d+ \|$/.test(line))
    .join('\n')
}

function linesOf(value: unknown): string[] {
  return (JSON.stringify(value, undefined, 1) ?? '').split('\n')
}
