/** What a configuration says about registries. */
export interface RegistryRules {
  /** For a repository the one with the longest prefix that it lies in counts, and no other. */
  readonly rules: readonly RegistryRule[]
  /** Names without a registry, and the repository that each stands for in full: `fedora`, `registry.fedoraproject.org/fedora`. */
  readonly aliases: ReadonlyMap<string, string>
}

/** How the repositories below a prefix are reached. */
export interface RegistryRule {
  /** A host with its port if it has one, or that and a path (`quay.io/team`), or `*.host` for all hosts below one. */
  readonly prefix: string
  /** What takes the place of the prefix in every name when it is read; pushes go to the name itself. */
  readonly location?: string
  /** Certificates are not judged, and a server without TLS is spoken to by http. */
  readonly insecure: boolean
  /** Nothing is read or written. */
  readonly blocked: boolean
  /** Asked in this order, before the registry itself. */
  readonly mirrors: readonly MirrorRule[]
}

export interface MirrorRule {
  /** What takes the place of the prefix. */
  readonly location: string
  readonly insecure: boolean
  /** Whether it is asked for tags, for digests, or for both. A tag may be older there than in the registry. */
  readonly pull: 'all' | 'digest-only' | 'tag-only'
}
