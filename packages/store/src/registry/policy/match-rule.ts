import { isHost } from '../server-host.js'
import type { RegistryRule } from './registry-rules.js'

/** A rule, and what of the repository's name its prefix leaves: empty, or from the `/` or the port on. */
export interface RuleMatch {
  readonly rule: RegistryRule
  readonly rest: string
}

/**
 * The rule with the longest prefix that the repository (`docker.io/library/debian`, or only a host) lies in. Hosts are
 * the same that lead to the same server: nobody evades a rule by `HOST` or `host:443`.
 */
export function matchRule(rules: readonly RegistryRule[], repository: string): RuleMatch | undefined {
  const name = canonical(repository)
  let best: (RuleMatch & { readonly length: number }) | undefined
  for (const rule of rules) {
    const prefix = canonical(rule.prefix)
    const rest = restAfter(prefix, name) ?? restOfPort(rule, prefix, name)
    if (rest === undefined) continue
    if (best === undefined || prefix.length > best.length) best = { rule, rest, length: prefix.length }
  }
  return best && { rule: best.rule, rest: best.rest }
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

/**
 * Podman lets a host without a port stand for all its ports, which its makers do not mean to keep. Who blocked a host
 * relies on it; nobody else does.
 */
function restOfPort(rule: RegistryRule, prefix: string, repository: string): string | undefined {
  if (!rule.blocked || /\/|:\d+$/.test(rule.prefix) || !repository.startsWith(`${prefix}:`)) return undefined
  return repository.slice(prefix.length)
}

function canonical(name: string): string {
  const slash = name.indexOf('/')
  const host = slash < 0 ? name : name.slice(0, slash)
  const path = slash < 0 ? '' : name.slice(slash)
  if (host.startsWith('*') || !isHost(host)) return host.toLowerCase() + path
  return new URL(`https://${host}`).host + path
}
