import type { Digest, DirectoryNode } from '@cooperage/store'
import type { CopyItem } from './copy-into.js'
import type { FileDigests } from './file-digests.js'

/** A tree that COPY takes files from. */
export interface CopySourceTree {
  /** Reads the tree when it is first needed. */
  tree(): Promise<DirectoryNode>
  /** Names the whole tree without reading it; a build context has no such name. */
  readonly identity: Digest | undefined
  readonly digests: FileDigests
  /** Of a build context, what BuildKit calls it in a history: `local source for app`. */
  readonly note?: string
  /** Why a path that is not there is not there, where the source knows. */
  explainMissing?(path: string): MissingPath | undefined
}

export interface MissingPath {
  readonly why: string
  readonly hint: string
}

/** What an ADD takes when that is not only paths of one tree. */
export interface CopySelection {
  /** In the order in which it is copied. */
  items(): Promise<CopyItem[]>
  /** What of it enters every key beside the contents. */
  readonly key: readonly string[]
  /** True for an item that is taken apart when it is an archive. */
  unpacks(item: CopyItem): boolean
}
