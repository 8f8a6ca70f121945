/** A server that answers for a repository: the registry itself or a mirror of it. */
export interface Endpoint {
  /** Scheme and authority: `https://registry-1.docker.io`. Plain http only for loopback or where configured. */
  readonly origin: string
  /** The repository's name there, without the host: `library/debian`. */
  readonly repository: string
  /** A mirror is never sent the registry's credentials, and is trusted only through digests. */
  readonly isMirror: boolean
  /** `pull`: blobs and manifests by digest; `resolve`: manifests by tag; `push`. */
  readonly capabilities: ReadonlySet<'pull' | 'resolve' | 'push'>
  /** What credentials are looked up under: `docker.io/library/debian`, or the mirror's own host and name. */
  readonly credentialKey: string
  readonly tls?: EndpointTls
}

export interface EndpointTls {
  /** PEM; beside those that Node trusts. */
  readonly ca?: readonly string[]
  readonly cert?: string
  readonly key?: string
  /** Only where a configuration says so by name. */
  readonly skipVerify?: boolean
}

/** What a repository is asked for. */
export interface EndpointQuestion {
  /** How an image is named: some mirrors answer for tags only. Absent: neither, as for a login or a push. */
  readonly by?: 'tag' | 'digest'
}

/**
 * The servers to ask for a repository (`docker.io/library/debian`), in order; the registry itself is the last.
 * @throws E_REG_BLOCKED when the configuration forbids it
 */
export type EndpointPolicy = (repository: string, question?: EndpointQuestion) => Promise<readonly Endpoint[]>
