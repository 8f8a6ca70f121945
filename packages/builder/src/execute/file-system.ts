import { createHash } from 'node:crypto'
import {
  chainIds,
  type Descriptor,
  type Digest,
  type DirectoryNode,
  directoryOf,
  type LayerForm,
} from '@cooperage/store'

/** A layer of a stage. Its bytes are in the store, or where `origin` says (`obtainBlob`, `obtainContent`). */
export interface StageLayer {
  readonly diffId: Digest
  /** Of the uncompressed layer in bytes; unknown for a base's layer that came compressed. */
  readonly size?: number
  /** The blob as it came with a base image or a cache; outputs pass it on as it is. */
  readonly descriptor?: Descriptor
  /** Where the blob of `descriptor` comes from when the store lacks it. */
  readonly origin?: LayerOrigin
  /** A step of this Dockerfile made it, here or elsewhere; absent for those of a base image. */
  readonly isOwn?: boolean
}

/** A place outside of the store that has layers: nothing is fetched before somebody needs it. */
export interface LayerOrigin {
  /** Brings a blob into the store, checked. Idempotent. @throws what the place gives: E_REG_…, E_ARCHIVE_…, E_CONNECT */
  fetchBlob(descriptor: Descriptor, signal: AbortSignal): Promise<void>
  /** As `fetchBlob`, for a layer that is wanted uncompressed too, where the place can begin with that earlier. */
  fetchContent?(
    layer: Required<Pick<StageLayer, 'descriptor' | 'diffId'>>,
    signal: AbortSignal,
  ): Promise<void>
  /** The repository in full, `docker.io/library/debian`, from which a push may mount it. Absent for other places. */
  readonly repository?: string
}

/**
 * The file system of a stage at one point: its layers, and the tree they make, which is read only when somebody
 * asks. Immutable.
 */
export class FileSystem {
  readonly layers: readonly StageLayer[]
  /** That of every layer: those of a base image for Windows, and what is put on them, are not plain. */
  readonly form: LayerForm
  /** What the uppermost layer lies on; undefined when there is no layer. */
  readonly below: FileSystem | undefined
  readonly #makeTree: () => Promise<DirectoryNode>
  #tree: Promise<DirectoryNode> | undefined

  constructor(
    layers: readonly StageLayer[],
    makeTree: () => Promise<DirectoryNode>,
    from: FileSystem | LayerForm,
  ) {
    this.layers = layers
    this.#makeTree = makeTree
    this.below = from instanceof FileSystem ? from : undefined
    this.form = from instanceof FileSystem ? from.form : from
  }

  /** Nothing but the root directory. */
  static empty(form: LayerForm = 'plain'): FileSystem {
    return new FileSystem([], async () => directoryOf({ mode: 0o755, uid: 0, gid: 0, mtime: 0 }), form)
  }

  /**
   * Equal for equal trees: the ChainID of the layers (image-spec, config.md, "Layer ChainID"), together with their form
   * when it is not the plain one; undefined when there are none
   * of that one.
   */
  get identity(): Digest | undefined {
    const chainId = chainIds(this.layers.map((layer) => layer.diffId)).at(-1)
    if (this.form === 'plain') return chainId
    const text = `${this.form} ${chainId ?? ''}`
    return `sha256:${createHash('sha256').update(text).digest('hex')}`
  }

  /** The tree, made once. */
  tree(): Promise<DirectoryNode> {
    this.#tree ??= this.#makeTree()
    return this.#tree
  }

  /** With one more layer; `makeTree` says what the tree is then. */
  with(layer: StageLayer, makeTree: () => Promise<DirectoryNode>): FileSystem {
    return new FileSystem([...this.layers, layer], makeTree, this)
  }
}
