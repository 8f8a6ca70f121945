import { type ByteString, fromBuffer, fromUtf8, toUtf8 } from '@cooperage/store'
import ignore, { type Ignore } from 'ignore'
import type {
  IgnoreExplanation,
  IgnoreMatcher,
  IgnoreMatcherOptions,
  IgnoreState,
  IgnoreVerdict,
} from './create-ignore-matcher.js'
import type { IgnorePattern } from './ignore-pattern.js'

/**
 * One file with the rules of git in place of a `.dockerignore`: patterns match at any depth, and nothing below an
 * excluded directory comes back. Files of the same name further down are not read. Never throws: git takes any line.
 */
export function createGitignoreMatcher(
  text: string | Uint8Array,
  options: IgnoreMatcherOptions = {},
): IgnoreMatcher {
  return new GitMatcher(
    toUtf8(typeof text === 'string' ? fromUtf8(text) : fromBuffer(text)),
    options.file ?? '.gitignore',
  )
}

class GitMatcher implements IgnoreMatcher {
  readonly file: string
  readonly patterns: readonly IgnorePattern[] = []
  readonly root: IgnoreState = []
  readonly #rules: Ignore = ignore({ ignorecase: false })

  constructor(text: string, file: string) {
    this.file = file
    for (const [index, line] of text
      .replace(/^\ufeff/, '')
      .split(/\r?\n/)
      .entries()) {
      if (line.trim() !== '') this.#rules.add({ pattern: line, mark: String(index + 1) })
    }
  }

  excludes(path: ByteString): boolean {
    return this.#rules.ignores(toUtf8(path))
  }

  visit(path: ByteString, isDirectory: boolean): IgnoreVerdict {
    const excluded = this.#rules.ignores(toUtf8(isDirectory ? `${path}/` : path))
    return { excluded, state: [], prune: excluded && isDirectory, decidedBy: -1 }
  }

  explain(path: ByteString, isDirectory = false): IgnoreExplanation {
    const { ignored, rule } = this.#rules.test(toUtf8(isDirectory ? `${path}/` : path))
    const common = { excluded: ignored, file: this.file }
    return rule?.mark === undefined ? common : { ...common, line: Number(rule.mark), pattern: rule.pattern }
  }
}
