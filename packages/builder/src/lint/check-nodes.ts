import { lowerCase, upperCase } from '../dockerfile/go-text.js'
import type { DockerfileNode } from '../dockerfile/node.js'
import type { Checks } from './checks.js'

/** Judges what only the text shows: lines within instructions. */
export function checkContinuations(nodes: readonly DockerfileNode[], checks: Checks): void {
  for (const { emptyContinuationLines, heredocs, range } of nodes) {
    if (emptyContinuationLines.length === 0) continue
    // Reported at the end of the instruction, as in BuildKit, and not at the end of the bodies that follow it.
    const bodies = heredocs.map(({ content }) => content.split('\n').length)
    const line = range.endLine - bodies.reduce((sum, count) => sum + count, 0)
    checks.report('NoEmptyContinuation', 'Empty continuation line', { range: { line, endLine: line } })
  }
}

/** Judges an instruction before it is understood: what is wrong with it stays told when it is then refused. */
export function checkNode(node: DockerfileNode, checks: Checks): void {
  const { keyword, args, range, comments } = node
  const place = { range, comments }
  switch (lowerCase(keyword)) {
    case 'maintainer':
      checks.report(
        'MaintainerDeprecated',
        'Maintainer instruction is deprecated in favor of using label',
        place,
      )
      break
    case 'from': {
      const [, asKeyword, name] = args
      if (args.length !== 3 || asKeyword === undefined || name === undefined) break
      if (lowerCase(name) !== name) {
        checks.report('StageNameCasing', `Stage name '${name}' should be lowercase`, place)
      }
      // A FROM in mixed case is reported as such, and says nothing about its AS.
      if (isUniform(keyword) && caseOf(keyword) !== caseOf(asKeyword)) {
        checks.report('FromAsCasing', `'${asKeyword}' and '${keyword}' keywords' casing do not match`, place)
      }
    }
  }
}

/** Judges the comment above an instruction that is understood: it should be `name text`. */
export function checkDescription(node: DockerfileNode, names: readonly string[], checks: Checks): void {
  const { range, comments } = node
  const comment = comments.at(-1)
  if (comment === undefined || names.length === 0 || names.includes(comment.split(' ', 1)[0]!)) return
  const example = names.length === 1 ? names[0] : '<arg_key>'
  checks.report(
    'InvalidDefinitionDescription',
    `Comment for ${upperCase(node.keyword)} should follow the format: \`# ${example} <description>\``,
    { range, comments },
  )
}

/** Written in one case: `FROM` or `from`, not `From`. */
export function isUniform(word: string): boolean {
  return caseOf(word) !== 'mixed'
}

function caseOf(word: string): 'lower' | 'upper' | 'mixed' {
  if (lowerCase(word) === word) return 'lower'
  return upperCase(word) === word ? 'upper' : 'mixed'
}
