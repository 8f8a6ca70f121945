/** How sources on other machines are reached. */
export interface RemoteOptions {
  /**
   * Variables as a process has them, of which these are looked at, in small letters or large: HTTP_PROXY, HTTPS_PROXY,
   * NO_PROXY; for git also PATH, to find it, and SSH_AUTH_SOCK. Default: none, so no proxy.
   */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Longest silence, in milliseconds: while connecting, before an answer, between two pieces of it. Default 60 000. */
  readonly timeout?: number
  /** Largest download in bytes. Default 16 GiB. */
  readonly maxBytes?: number
}

export const DEFAULT_TIMEOUT = 60_000
export const DEFAULT_MAX_BYTES: number = 16 * 1024 ** 3
