import { lowerCase, upperCase } from '../dockerfile/go-text.js'

/** Words that need this many changes are too far away to be meant. */
const TOO_FAR = 3

export interface SuggestOptions {
  /** Compare letter by letter; otherwise the answer takes the case of the word. */
  readonly caseSensitive: boolean
}

/** The option nearest to `word`, the first of equally near ones, or undefined when none is near. */
export function nearest(
  word: string,
  options: readonly string[],
  { caseSensitive }: SuggestOptions,
): string | undefined {
  const wanted = caseSensitive ? word : lowerCase(word)
  let best: string | undefined
  let distance = TOO_FAR
  for (const written of options) {
    const option = caseSensitive ? written : lowerCase(written)
    if (option === wanted) return undefined
    const found = editDistance(wanted, option, distance)
    if (found < distance) {
      best = option
      distance = found
    }
  }
  return best === undefined || caseSensitive ? best : inCaseOf(word, best)
}

/** ` (did you mean x?)` to put behind a message, or nothing when no option is near. */
export function suggestion(
  word: string,
  options: readonly string[],
  compare: SuggestOptions = { caseSensitive: true },
): string {
  const option = nearest(word, options, compare)
  return option === undefined ? '' : ` (did you mean ${option}?)`
}

function inCaseOf(word: string, option: string): string {
  return word !== lowerCase(word) && word === upperCase(word) ? upperCase(option) : option
}

/** Levenshtein distance in characters; `limit` for anything that far or farther. */
function editDistance(a: string, b: string, limit: number): number {
  // A word this long is far from every option; it may also be too long to be taken apart.
  if (a.length > 2 * (b.length + limit)) return limit
  const left = [...a]
  const right = [...b]
  if (Math.abs(left.length - right.length) >= limit) return limit
  let previous = right.map((_, index) => index + 1)
  previous.unshift(0)
  for (const [row, character] of left.entries()) {
    const current = [row + 1]
    for (const [column, other] of right.entries()) {
      const replaced = (previous[column] ?? 0) + (character === other ? 0 : 1)
      current.push(Math.min(replaced, (previous[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1))
    }
    previous = current
  }
  return previous[right.length] ?? 0
}
