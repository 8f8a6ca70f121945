import { Complaint } from '../complaint.js'
import { trimLeftSpace } from '../go-text.js'

/** Nesting at which Go's decoder gives up; deeper text counts as no JSON at all. */
const MAX_DEPTH = 10_000

/**
 * The texts of a JSON array, or undefined when the text is not one. A valid array that holds anything but
 * texts is a `Complaint`.
 */
export function jsonArray(text: string): readonly string[] | undefined {
  const trimmed = trimLeftSpace(text)
  if (!trimmed.startsWith('[')) return undefined
  const values = parse(trimmed)
  if (values === undefined) return undefined
  if (values.every((value) => typeof value === 'string')) {
    // Go decodes half of a surrogate pair as U+FFFD.
    return values.map((value) => value.replace(/\p{Surrogate}/gu, '\ufffd'))
  }
  throw new Complaint(
    'E_DF_SYNTAX',
    'when using JSON array syntax, arrays must be comprised of strings only',
    { hint: 'put every item in double quotes, or write the shell form without brackets' },
  )
}

function parse(text: string): readonly unknown[] | undefined {
  if (depth(text) > MAX_DEPTH) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) && !holdsInfinity(value) ? value : undefined
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return undefined
  }
}

function depth(text: string): number {
  let current = 0
  let deepest = 0
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (quoted && character === '\\') at++
    else if (character === '"') quoted = !quoted
    else if (!quoted && (character === '[' || character === '{')) deepest = Math.max(deepest, ++current)
    else if (!quoted && (character === ']' || character === '}')) current--
  }
  return deepest
}

/** A number that no float64 holds (`1e999`) is an error to Go, so the text is no JSON to it. */
function holdsInfinity(root: unknown): boolean {
  const pending: unknown[] = [root]
  while (pending.length > 0) {
    const value = pending.pop()
    if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) return true
    if (typeof value === 'object' && value !== null) {
      for (const item of Object.values(value)) pending.push(item)
    }
  }
  return false
}
