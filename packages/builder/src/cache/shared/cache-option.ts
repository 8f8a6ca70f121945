/** A cache to look steps up in: made by `CacheTarget` on another machine, or on this one. */
export type CacheSource =
  | {
      readonly kind: 'registry'
      /** An image that carries its own cache, or one that is nothing but a cache. */
      readonly reference: string
      /** Any certificate will do, and http. Default false. */
      readonly insecure?: boolean
      /** See `local`. */
      readonly mounts?: boolean
    }
  | {
      /** An OCI layout. */
      readonly kind: 'local'
      readonly path: string
      /** Default `latest`. */
      readonly tag?: string
      /** Of the manifest; wins over the tag. */
      readonly digest?: string
      /** True: a cache mount that this store does not have yet begins with what is written there. Default false. */
      readonly mounts?: boolean
    }

/** Where the steps of this build are written, for others to find. */
export type CacheTarget =
  | PlacedTarget
  /** In the image's own config: its layers are pushed anyway. Only the steps of the image itself, as `mode=min`. */
  | { readonly kind: 'inline' }

/** A cache with a place of its own. */
export type PlacedTarget =
  | (StepsTarget & {
      readonly kind: 'registry'
      readonly reference: string
      /** Any certificate will do, and http. Default false. */
      readonly insecure?: boolean
    })
  | (StepsTarget & {
      readonly kind: 'local'
      readonly path: string
      /** Default `latest`. */
      readonly tag?: string
    })

/** zstd takes a Node of 22.15 or later to write, and none to read. */
export type CacheCompression = 'gzip' | 'zstd' | 'uncompressed'

interface StepsTarget {
  /** `min` (default): the steps whose layers are in the image. `max`: those of all stages. */
  readonly mode: 'min' | 'max'
  /** Of layers that this machine has; one that is only in another cache goes as it is there. Default gzip. */
  readonly compression?: CacheCompression
  /** gzip's 0 to 9, zstd's 0 to 22. */
  readonly compressionLevel?: number
  /** False: a cache that cannot be written fails the build. Default true: it is a warning. */
  readonly ignoreError: boolean
  /** True: what is in the cache mounts (`RUN --mount=type=cache`) of this build's steps is written too. Default false. */
  readonly mounts?: boolean
}
