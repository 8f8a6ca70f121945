import { hasRegistry } from '../reference.js'

/**
 * The name with its alias in place, when it names no registry and there is one; tag and digest stay. Names without an
 * alias are those of docker.io, as for Docker.
 */
export function expandShortName(text: string, aliases: ReadonlyMap<string, string>): string {
  if (aliases.size === 0 || hasRegistry(text)) return text
  const name = text.split('@', 1)[0]!
  const colon = name.indexOf(':')
  const bare = colon < 0 ? name : name.slice(0, colon)
  const target = aliases.get(bare)
  return target === undefined ? text : target + text.slice(bare.length)
}
