export interface PruneOptions {
  /**
   * Blobs and files younger than this many milliseconds are spared, whatever names them. Default one hour: the time
   * from a blob to the name that keeps it, for those who hold no session.
   */
  readonly grace?: number
  /** Records that were not used for this many milliseconds are dropped first. Default: kept whatever their age. */
  readonly unusedFor?: number
  /** Removes nothing, and reports what would be removed. */
  readonly dryRun?: boolean
  /** Insists on being the only user of the store: needed where locks cannot be relied on, such as NFS. */
  readonly exclusive?: boolean
  /**
   * Removes a directory with the files of an image, and what is in it. Default: as this user; files that belong to
   * owners of a user namespace are removed only from inside of one.
   */
  readonly removeTree?: (path: string) => Promise<void>
  readonly signal?: AbortSignal
}

export interface PruneReport {
  /** Blobs removed. */
  readonly removed: number
  /** Bytes of the blobs removed. */
  readonly bytes: number
  /** Blobs kept. */
  readonly kept: number
  readonly keptBytes: number
  /** Records removed: unused for too long, or naming a blob that is gone. */
  readonly records: number
  /** Unfinished files of dead processes removed. */
  readonly unfinished: number
  /** Unpacked file systems removed. The next build that needs one unpacks it again. */
  readonly trees: number
  /** Directories of cache mounts removed: only those that were not used for `unusedFor`. */
  readonly caches: number
}
