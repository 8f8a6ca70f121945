export type {
  BlobInfo,
  BlobRange,
  BlobStore,
  BlobWriter,
  ReadOptions,
  WriterOptions,
} from './blobs/blob-store.js'
export type { Durability } from './blobs/files.js'
export { MemoryBlobStore } from './blobs/memory-blob-store.js'
export * from './bytes.js'
export type { CacheLease, CacheRequest, CacheSharing, CacheStore } from './caches/cache-store.js'
export * from './digest.js'
export * from './errors.js'
export type { ByteSink } from './formats/byte-sink.js'
export {
  type CompressLayerOptions,
  compressLayer,
  type DecompressLayerOptions,
  decompressLayer,
} from './formats/compress-layer.js'
export { type DecompressOptions, decompressed } from './formats/decompress.js'
export { type DockerArchiveOptions, dockerManifest, writeDockerArchive } from './formats/docker-archive.js'
export { type GraphOptions, type ImageGraph, type ImageNode, readImageGraph } from './formats/image-graph.js'
export type { ImportedImages, ImportOptions } from './formats/import-images.js'
export { CONTAINERD_NAME, type NamedImage, REF_NAME } from './formats/named-image.js'
export { writeOciArchive } from './formats/oci-archive.js'
export { type OciLayout, openOciLayout } from './formats/oci-layout.js'
export { readDockerArchive, readImageArchive, readOciArchive } from './formats/read-archive.js'
export { type RecompressOptions, recompressImage } from './formats/recompress-image.js'
export { withSpaceFor } from './formats/with-space-for.js'
export type { WriteArchiveOptions } from './formats/write-archive.js'
export { writeOciLayout } from './formats/write-oci-layout.js'
export { writeOutputFile } from './formats/write-output-file.js'
export { hasZstd, requireZstd } from './formats/zstd-stream.js'
export type { PruneOptions, PruneReport } from './gc/prune-options.js'
export { shownUrl } from './http/shown-url.js'
export { chainIds } from './image/chain-id.js'
export {
  EMPTY_LAYER_DIFF_ID,
  EMPTY_LAYER_GZIP,
  EMPTY_LAYER_SIZE,
  emptyLayer,
  emptyLayerGzip,
} from './image/empty-layer.js'
export { encodeConfig } from './image/encode-config.js'
export { encodeIndex, encodeManifest } from './image/encode-manifest.js'
export { layerCountError } from './image/layer-count.js'
export {
  isAttestation,
  isIndexType,
  isManifestType,
  matchPlatform,
  rankByPlatform,
} from './image/match-platform.js'
export { parseConfig } from './image/parse-config.js'
export { parseIndex } from './image/parse-index.js'
export { parseManifest } from './image/parse-manifest.js'
export { defaultPlatform, formatPlatform, normalizePlatform, parsePlatform } from './image/platform.js'
export * from './image/types.js'
export { type ImageProblem, type ImageToValidate, validateImage } from './image/validate.js'
export { type Contents, type OpenContent, type OpenHostContent, openContents } from './layer/contents.js'
export type { LayerSink } from './layer/layer-sink.js'
export { LayerStream, type LayerStreamOptions } from './layer/layer-stream.js'
export { type ReadLayerOptions, readLayer } from './layer/read-layer.js'
export type { LayerForm } from './layer/windows-layer.js'
export { type WriteLayerOptions, writeLayer } from './layer/write-layer.js'
export { makeDirectoryPath } from './make-directory-path.js'
export type { RecordEntry, RecordStore } from './records/record-store.js'
export type { DamagedRef, RefEntry, RefStore, RefValue } from './refs/ref-store.js'
export { refuseDamagedNames } from './refs/refuse-damaged-names.js'
export { inParallel, type ParallelOptions } from './registry/in-parallel.js'
export { isForeignLayer } from './registry/manifest-types.js'
export { expandShortName } from './registry/policy/short-name.js'
export {
  hasRegistry,
  parseReference,
  type Reference,
  withDefaultTag,
  withDigest,
} from './registry/reference.js'
export { type OpenStoreOptions, openStore, type Store, type StoreNotice } from './store.js'
export { encodeTarEntry, encodeTarEntryInto } from './tar/encode-entry.js'
export type * from './tar/entry.js'
export { END_OF_ARCHIVE, tarPadding } from './tar/layout.js'
export { DEFAULT_TAR_LIMITS, type TarLimits } from './tar/limits.js'
export type { LocatedEntry } from './tar/locate.js'
export { looksLikeTar, TAR_HEAD } from './tar/looks-like-tar.js'
export type { TarOptions } from './tar/parse-tar.js'
export { readTar, type TarItem } from './tar/read-tar.js'
export { scanTar } from './tar/scan-tar.js'
export { type ApplyOptions, type ArchiveItem, applyArchive } from './tree/apply.js'
export { decodeTree } from './tree/decode-tree.js'
export { type DigestOf, diffTrees, type KnownContents, type LayerItem, undecidedFiles } from './tree/diff.js'
export { directoryOf, plainDirectory, sortedNames } from './tree/directory.js'
export { encodeTree } from './tree/encode-tree.js'
export type * from './tree/node.js'
export { joinNames, splitPath } from './tree/path.js'
export { type Resolution, type ResolveOptions, resolveInTree } from './tree/resolve.js'
export { TreeEditor } from './tree/tree-editor.js'
export { TREE_FILES } from './trees/tree-names.js'
export type { TreeStore } from './trees/tree-store.js'
