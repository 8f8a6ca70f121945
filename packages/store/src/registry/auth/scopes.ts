/** `repository:<name>:<actions>` as token servers read it. */
export function repositoryScope(repository: string, access: 'pull' | 'push'): string {
  return `repository:${repository}:${access === 'push' ? 'pull,push' : 'pull'}`
}

/**
 * Scopes with the actions of equal resources united, in the order in which they first appear: some servers read only
 * the first. What is not `type:name:actions` is kept as it is.
 */
export function mergeScopes(scopes: readonly string[]): string[] {
  const merged = new Map<string, Set<string>>()
  for (const scope of scopes) {
    const last = scope.lastIndexOf(':')
    const isResource = scope.indexOf(':') < last
    const resource = isResource ? scope.slice(0, last) : scope
    const actions = merged.get(resource) ?? new Set()
    if (isResource) for (const action of scope.slice(last + 1).split(',')) actions.add(action)
    merged.set(resource, actions)
  }
  return [...merged].map(([resource, actions]) =>
    actions.size === 0 ? resource : `${resource}:${[...actions].sort().join(',')}`,
  )
}
