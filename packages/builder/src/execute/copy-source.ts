import type { Digest, DirectoryNode } from '@cooperage/store'
import type { FileDigests } from './file-digests.js'

/** A tree that COPY takes files from. */
export interface CopySourceTree {
  /** Reads the tree when it is first needed. */
  tree(): Promise<DirectoryNode>
  /** Names the whole tree without reading it; a build context has no such name. */
  readonly identity: Digest | undefined
  readonly digests: FileDigests
  /** Why a path that is not there is not there, where the source knows. */
  explainMissing?(path: string): string | undefined
}
