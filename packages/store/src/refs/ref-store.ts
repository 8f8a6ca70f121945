import type { Digest } from '../digest.js'
import type { Descriptor } from '../image/types.js'

/** What a name stands for. */
export interface RefValue {
  /** Of a manifest or an index. All that can be reached from it is kept. */
  readonly descriptor: Descriptor
  /** When the name was given, in milliseconds since 1970. */
  readonly created: number
  /** More blobs to keep with it, such as layers that no manifest names in this form. */
  readonly blobs?: readonly Digest[]
  /**
   * True for a name that a registry gave: what it stands for there may have changed since. Other names were given on
   * this machine, and stand for what is here.
   */
  readonly pulled?: boolean
}

export interface RefEntry {
  readonly name: string
  readonly value: RefValue
}

/** A file among the names that no name can be read from. What it named is unknown, so nothing may be collected. */
export interface DamagedRef {
  /** Absolute. */
  readonly file: string
  /** The name that the file was made for; undefined where its own name does not say. */
  readonly name?: string
}

/** Names of images. The names are as their users normalised them; the store compares them byte by byte. */
export interface RefStore {
  /** Absent, or damaged on disk: undefined. @throws E_REF_NAME */
  get(name: string): Promise<RefValue | undefined>
  /** Durable when this resolves, if the store is. The blobs must be committed before. @throws E_REF_NAME */
  set(name: string, value: RefValue): Promise<void>
  /** Idempotent: true when it was there. The blobs stay until the next `prune`. */
  delete(name: string): Promise<boolean>
  /** By name, in the order of UTF-16 units; without those that are damaged. */
  list(): Promise<RefEntry[]>
  /** What `list` leaves out, by file. `set` of the same name makes it whole. */
  damaged(): Promise<DamagedRef[]>
}
