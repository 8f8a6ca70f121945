import type { BlobStore } from '../packages/store/src/blobs/blob-store.js'
import { type Digest, digestOf } from '../packages/store/src/digest.js'
import { compressLayer } from '../packages/store/src/formats/compress-layer.js'
import { encodeConfig } from '../packages/store/src/image/encode-config.js'
import { encodeIndex, encodeManifest } from '../packages/store/src/image/encode-manifest.js'
import { type Descriptor, MediaType } from '../packages/store/src/image/types.js'
import { encodeTarEntry } from '../packages/store/src/tar/encode-entry.js'
import { END_OF_ARCHIVE, tarPadding } from '../packages/store/src/tar/layout.js'

/** A tar; names that end in a slash are directories, values that begin with `-> ` symbolic links, with `=> ` hard ones. */
export function tarOf(files: Readonly<Record<string, string | Uint8Array>>): Buffer {
  const parts: Uint8Array[] = []
  for (const [name, value] of Object.entries(files)) {
    const text = typeof value === 'string' ? value : ''
    const link = text.startsWith('-> ') ? 'symlink' : text.startsWith('=> ') ? 'hardlink' : undefined
    const type = name.endsWith('/') ? 'directory' : (link ?? 'file')
    const bytes = type === 'file' ? Buffer.from(value) : Buffer.alloc(0)
    const header = encodeTarEntry({
      type,
      name,
      linkname: link ? text.slice(3) : '',
      mode: type === 'directory' ? 0o755 : 0o644,
      uid: 0,
      gid: 0,
      mtime: 1_000_000_000,
      size: bytes.length,
      uname: '',
      gname: '',
      devmajor: 0,
      devminor: 0,
      xattrs: new Map(),
    })
    parts.push(header, bytes, Buffer.alloc(tarPadding(bytes.length)))
  }
  return Buffer.concat([...parts, END_OF_ARCHIVE])
}

export interface SampleImage {
  readonly descriptor: Descriptor
  readonly configDigest: Digest
  readonly diffIds: readonly Digest[]
}

/** Two layers, the second one adding to the first and deleting from it. */
export async function sampleImage(
  store: BlobStore,
  options: { readonly gzip?: boolean; readonly architecture?: string } = {},
): Promise<SampleImage> {
  const tars = [
    tarOf({ 'etc/': '', 'etc/passwd': 'root:x:0:0::/:/bin/sh\n', 'etc/old': 'old', 'a.txt': 'first' }),
    tarOf({ 'b.txt': 'second', 'etc/': '', 'etc/.wh.old': '', link: '-> b.txt' }),
  ]
  const diffIds = tars.map((tar) => digestOf(tar))
  const layers: Descriptor[] = []
  for (const tar of tars) {
    const plain = await store.put(tar)
    const records = { getText: async () => undefined, put: async () => undefined }
    layers.push(
      options.gzip
        ? await compressLayer(plain.digest, { store, records })
        : { mediaType: MediaType.ociLayer, ...plain },
    )
  }
  const architecture = options.architecture ?? 'amd64'
  const created = '2020-02-02T02:02:02Z'
  const config = await store.put(
    encodeConfig({
      architecture,
      os: 'linux',
      created,
      config: { Env: ['PATH=/bin'], Cmd: ['/bin/sh', '-c', 'echo <&>'], Labels: { a: '1' } },
      rootfs: { type: 'layers', diff_ids: diffIds },
      history: [
        { created, created_by: 'one' },
        { created, created_by: 'ENV PATH=/bin', empty_layer: true },
        { created, created_by: 'two' },
      ],
    }),
  )
  const manifest = await store.put(
    encodeManifest({
      schemaVersion: 2,
      mediaType: MediaType.ociManifest,
      config: { mediaType: MediaType.ociConfig, ...config },
      layers,
    }),
  )
  const descriptor = {
    mediaType: MediaType.ociManifest,
    ...manifest,
    platform: { architecture, os: 'linux' },
  }
  return { descriptor, configDigest: config.digest, diffIds }
}

/** An index over images. */
export async function sampleIndex(store: BlobStore, manifests: readonly Descriptor[]): Promise<Descriptor> {
  const blob = await store.put(encodeIndex({ schemaVersion: 2, mediaType: MediaType.ociIndex, manifests }))
  return { mediaType: MediaType.ociIndex, ...blob }
}
