import type { Annotations } from './annotations.js'

/** Where a build's result goes, and in what form. */
export type OutputSpec = ArchiveOutput | ImageOutput | FilesOutput | CacheOnlyOutput

/** The form of an image, and its names. */
export interface FormedOutput {
  /** Absent: none for `docker`, which unpacks what it loads, gzip for the others. zstd takes a Node of 22.15 or later. */
  readonly compression?: 'gzip' | 'zstd' | 'uncompressed'
  /** gzip's 0 to 9, zstd's 0 to 22. */
  readonly compressionLevel?: number
  /** Layers of base images are compressed anew as well. */
  readonly forceCompression: boolean
  /** Media types of OCI (default) or of Docker. */
  readonly ociMediaTypes: boolean
  /** With SOURCE_DATE_EPOCH: layers say that their times were limited, as BuildKit's do. */
  readonly rewriteTimestamp: boolean
  /** Tags of this output alone; without them it gets the build's. */
  readonly names?: readonly string[]
  readonly annotations: Annotations
  /** Seconds since 1970, for a build that has no SOURCE_DATE_EPOCH; null asks that it has none. */
  readonly sourceDateEpoch?: number | null
  /** Layers of a base that are not to be distributed stay such; else they become layers like any other. */
  readonly preferNondistributable?: boolean
}

/** `docker` (what `docker load` takes) or `oci`: an image, as a tar or, with `tar: false`, as a directory. */
export interface ArchiveOutput extends FormedOutput {
  readonly kind: 'docker' | 'oci'
  /** A path, or `-` for standard output. */
  readonly destination: string
  readonly tar: boolean
}

/** `image`: an image under its names, in registries or in the store. */
export interface ImageOutput extends FormedOutput {
  readonly kind: 'image'
  /** Its own names, with commas between them; empty without any. */
  readonly destination: string
  /** Sent to the registries that its names say. */
  readonly push: boolean
  /** Kept in the store under its names. Default: when it is not pushed. */
  readonly store?: boolean
  /** Pushed under its digest alone, to names without tags. */
  readonly pushByDigest: boolean
  /** In the store it also gets the name `repository@digest`. */
  readonly nameCanonical: boolean
  /** For these registries any certificate will do, and http. */
  readonly insecure: boolean
}

/** `local`: the image's files in a directory. `tar`: the same as a tar. */
export interface FilesOutput {
  readonly kind: 'local' | 'tar'
  /** A directory for `local`; a path or `-` for `tar`. */
  readonly destination: string
  /** A directory such as `linux_amd64` for each platform; default where the result is for several. */
  readonly platformSplit?: boolean
  /** Of `local`: `delete` also removes what the directory holds beside the image's files. Default `copy`. */
  readonly mode?: 'copy' | 'delete'
  /** Seconds since 1970, for a build that has no SOURCE_DATE_EPOCH; null asks that it has none. */
  readonly sourceDateEpoch?: number | null
}

/** `cacheonly`: nothing is written, the store keeps the steps. */
export interface CacheOnlyOutput {
  readonly kind: 'cacheonly'
  /** Empty. */
  readonly destination: string
}
