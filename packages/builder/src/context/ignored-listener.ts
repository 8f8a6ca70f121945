import type { ByteString } from '@cooperage/store'

/** A path that an ignore file leaves out. */
export interface IgnoredEntry {
  /** Relative to the root of the context. */
  readonly path: ByteString
  /** `other` is all that is neither: links, devices, pipes, sockets. */
  readonly kind: 'file' | 'directory' | 'other'
  /** Bytes of a file, else 0. */
  readonly size: number
  /** A directory below which no pattern can bring anything back. */
  readonly isPruned: boolean
}

/** Hears of what the walk of a context leaves out, in no order. */
export interface IgnoredListener {
  /** Whether the walk goes into pruned directories, to tell what is there too. */
  readonly entersDirectories: boolean
  /** A directory that is told of here still comes along when something below it is kept. */
  onIgnored(entry: IgnoredEntry): void
}
