/** Where a build's result goes, and in what form. */
export type OutputSpec = ArchiveOutput | FilesOutput

/** `docker` (what `docker load` takes) or `oci`: an image, as a tar or, with `tar: false`, as a directory. */
export interface ArchiveOutput {
  readonly kind: 'docker' | 'oci'
  /** A path, or `-` for standard output. */
  readonly destination: string
  readonly tar: boolean
  /** Absent: gzip for `oci`, none for `docker`, which unpacks what it loads. */
  readonly compression?: 'gzip' | 'uncompressed'
  /** gzip's 0 to 9. */
  readonly compressionLevel?: number
  /** Layers of base images are compressed anew as well. */
  readonly forceCompression: boolean
  /** Media types of OCI (default) or of Docker. */
  readonly ociMediaTypes: boolean
  /** With SOURCE_DATE_EPOCH: layers say that their times were limited, as BuildKit's do. */
  readonly rewriteTimestamp: boolean
  /** Tags of this output alone; without them it gets the build's. */
  readonly names?: readonly string[]
  readonly annotations: Readonly<Record<string, string>>
}

/** `local`: the image's files in a directory. `tar`: the same as a tar. */
export interface FilesOutput {
  readonly kind: 'local' | 'tar'
  /** A directory for `local`; a path or `-` for `tar`. */
  readonly destination: string
}
