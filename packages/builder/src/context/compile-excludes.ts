import { fromUtf8 } from '@cooperage/store'
import { type IgnoreMatcher, matcherOf } from './ignore/create-ignore-matcher.js'

/** The patterns of `--exclude` as one matcher; undefined when there are none. @throws E_IGNORE_PATTERN */
export function compileExcludes(patterns: readonly string[]): IgnoreMatcher | undefined {
  if (patterns.length === 0) return undefined
  const lines = patterns.map((pattern, index) => ({ pattern: fromUtf8(pattern), line: index + 1 }))
  return matcherOf(lines, '--exclude')
}
