import type { Digest } from '../digest.js'

/** How several users of one cache get along (Dockerfile reference, `RUN --mount=type=cache`). */
export type CacheSharing = 'shared' | 'private' | 'locked'

export interface CacheRequest {
  /**
   * `shared`: beside all others that share. `private`: another directory when this one is in use. `locked`: waits
   * until nobody uses it.
   */
  readonly sharing: CacheSharing
  readonly signal: AbortSignal
  /** Puts what a new cache begins with into an empty directory. May be called again after it failed. */
  readonly fill: (directory: string) => Promise<void>
  /** Called once when the answer has to wait for another user. */
  readonly onWait?: () => void
}

/** A directory that is this user's until it is disposed of; killed users lose it at once. */
export interface CacheLease extends AsyncDisposable {
  readonly path: string
}

/**
 * Directories that steps fill and find again: what package managers download, what compilers made. They are kept under
 * a key; whatever is in them enters no other key and no layer.
 */
export interface CacheStore {
  /** @throws E_LOCK where there is no flock(1), what `fill` throws, and the abort reason */
  lease(key: Digest, request: CacheRequest): Promise<CacheLease>

  /**
   * The directory of a cache that is there, at a moment when nobody writes to it. While it is read, users who share may
   * come, and all others wait or take another one. `busy`: somebody used it for longer than `patience` milliseconds.
   * @throws E_LOCK where there is no flock(1), and the abort reason
   */
  read(
    key: Digest,
    options: { readonly signal: AbortSignal; readonly patience: number },
  ): Promise<CacheLease | 'absent' | 'busy'>
}
