import { parseImageName } from './image-name.js'
import type { NamedContextKind } from './plan-options.js'

export interface NamedContext {
  /** As given, which is the key that finds it again. */
  readonly name: string
  readonly kind: NamedContextKind
}

/** Finds the named context that stands for a stage or an image: `a` and `a:latest` are one name. */
export function findNamedContext(
  contexts: ReadonlyMap<string, NamedContextKind>,
  name: string,
): NamedContext | undefined {
  // These two words have a meaning of their own.
  if (contexts.size === 0 || /^(?:scratch|context)$/i.test(name)) return undefined
  const exact = contexts.get(name)
  if (exact !== undefined) return { name, kind: exact }
  const wanted = fullName(name)
  for (const [key, kind] of contexts) if (fullName(key) === wanted) return { name: key, kind }
  return undefined
}

function fullName(name: string): string {
  const parsed = parseImageName(name)
  return 'reference' in parsed ? parsed.reference : name
}
