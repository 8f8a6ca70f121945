import type { RegistryRule, RegistryRules } from './registry-rules.js'

/**
 * The rules of several files as one: of rules with the same prefix, and of aliases with the same name, the later one
 * counts whole; an alias that leads to nothing takes an earlier one away.
 */
export function mergeRegistryRules(files: readonly RegistryRules[]): RegistryRules {
  const rules = new Map<string, RegistryRule>()
  const aliases = new Map<string, string>()
  for (const file of files) {
    for (const rule of file.rules) rules.set(rule.prefix, rule)
    for (const [name, target] of file.aliases) aliases.set(name, target)
  }
  for (const [name, target] of aliases) if (target === '') aliases.delete(name)
  return { rules: [...rules.values()], aliases }
}
