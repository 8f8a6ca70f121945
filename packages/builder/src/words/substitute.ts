import { readShellPattern, reversePattern, ShellPatternMatcher } from './shell-pattern.js'

/** `${x#p}` and `${x##p}`. @throws ShellPatternError */
export function trimPrefix(value: string, pattern: string, longest: boolean): string {
  const characters = [...value]
  return trimStart(characters, [...pattern], longest).join('')
}

/** `${x%p}` and `${x%%p}`: the same from the other end. @throws ShellPatternError */
export function trimSuffix(value: string, pattern: string, longest: boolean): string {
  const characters = [...value].reverse()
  return trimStart(characters, reversePattern([...pattern]), longest)
    .reverse()
    .join('')
}

function trimStart(value: string[], pattern: readonly string[], longest: boolean): string[] {
  const end = new ShellPatternMatcher(readShellPattern(pattern), value).end(0, longest)
  return end < 0 ? value : value.slice(end)
}

export interface Replacement {
  readonly pattern: string
  readonly text: string
  /** `${x//p/r}`. */
  readonly all: boolean
  /** No more is replaced once the result is longer than this, in UTF-16 units. */
  readonly limit: number
}

/**
 * `${x/p/r}` and `${x//p/r}`, the longest match first. As in BuildKit only the second form reads `$1`, `${name}` and
 * `$$` in the replacement, and since patterns have no groups those stand for nothing, the whole match (`$0`) and `$`.
 * @throws ShellPatternError
 */
export function replacePattern(value: string, { pattern, text, all, limit }: Replacement): string {
  const characters = [...value]
  const matcher = new ShellPatternMatcher(readShellPattern([...pattern]), characters)
  let result = ''
  let done = 0
  for (let from = 0; from <= characters.length && result.length <= limit; ) {
    const start = matcher.start(from)
    if (start < 0) break
    const end = matcher.end(start, true)
    result += characters.slice(done, start).join('')
    // An empty match right behind another match does not count.
    if (end > done || start === 0) {
      result += all ? fillTemplate(text, characters.slice(start, end).join('')) : text
    }
    done = end
    if (!all) break
    from = end > from ? end : from + 1
  }
  return result + characters.slice(done).join('')
}

const REFERENCE = /\$(?:\$|([\p{L}\p{Nd}_]+)|\{([\p{L}\p{Nd}_]+)\})/gu

function fillTemplate(text: string, whole: string): string {
  return text.replace(REFERENCE, (reference, bare?: string, braced?: string) => {
    if (reference === '$$') return '$'
    return /^0+$/.test(bare ?? braced!) ? whole : ''
  })
}
