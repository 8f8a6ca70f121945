/** What a registry is told about who asks. None of it appears in an error, an event, a log or an argument. */
export type Credential =
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  /** `identitytoken` of Docker's configuration: a refresh token of OAuth 2. */
  | { readonly kind: 'identity'; readonly username?: string; readonly token: string }
  /** `registrytoken`: sent as Bearer as it is. */
  | { readonly kind: 'bearer'; readonly token: string }

/**
 * Finds the credential for a repository such as `docker.io/library/debian`; the most specific entry wins. Undefined:
 * ask as nobody. @throws E_CREDENTIALS when a helper fails
 */
export type CredentialSource = (
  repository: string,
  options?: { readonly signal?: AbortSignal },
) => Promise<Credential | undefined>
