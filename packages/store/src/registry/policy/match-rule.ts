import type { RegistryRule } from './registry-rules.js'

/** A rule, and what of the repository's name its prefix leaves: empty, or from the `/` on. */
export interface RuleMatch {
  readonly rule: RegistryRule
  readonly rest: string
}

/** The rule with the longest prefix that the repository (`docker.io/library/debian`, or only a host) lies in. */
export function matchRule(rules: readonly RegistryRule[], repository: string): RuleMatch | undefined {
  let best: RuleMatch | undefined
  for (const rule of rules) {
    const rest = restAfter(rule.prefix, repository)
    if (rest === undefined) continue
    if (best === undefined || rule.prefix.length > best.rule.prefix.length) best = { rule, rest }
  }
  return best
}

function restAfter(prefix: string, repository: string): string | undefined {
  if (prefix.startsWith('*.')) {
    const host = repository.split('/', 1)[0]!
    const name = host.replace(/:\d+$/, '')
    return name.endsWith(prefix.slice(1)) ? repository.slice(name.length) : undefined
  }
  if (!repository.startsWith(prefix)) return undefined
  const rest = repository.slice(prefix.length)
  return rest === '' || rest.startsWith('/') ? rest : undefined
}
