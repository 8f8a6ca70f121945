import { type Descriptor, encodeIndex, MediaType, type Platform, type Store } from '@cooperage/store'
import type { FileSystem } from '../execute/file-system.js'
import type { BuiltImage } from '../image/assemble-image.js'
import { type Annotations, needsOciTypes, sortAnnotations } from './annotations.js'
import { describeImage, type ImageForm } from './describe-image.js'

/** The image for one platform. */
export interface ResultImage {
  /** Of the platform as it was asked for: `linux/amd64`. */
  readonly name: string
  readonly platform: Platform
  readonly image: BuiltImage
  readonly fileSystem: FileSystem
}

/** What a build made, before it is written anywhere. */
export interface BuildOutcome {
  /** In the order asked for. */
  readonly images: readonly ResultImage[]
  /** True: handed out as an index, or as a directory for each platform. */
  readonly isMulti: boolean
}

export interface DescribeResultOptions {
  readonly store: Store
  readonly form: ImageForm
  /** Later ones win. */
  readonly annotations: readonly Annotations[]
  readonly signal: AbortSignal
}

/** What names the result, and each of its images. */
export interface DescribedResult {
  readonly descriptor: Descriptor
  readonly manifests: readonly Descriptor[]
}

/**
 * Writes the manifests of all images into the store, and the index that names them when there is to be one.
 * Idempotent.
 * @throws E_ANNOTATION
 */
export async function describeResult(
  { images, isMulti }: BuildOutcome,
  options: DescribeResultOptions,
): Promise<DescribedResult> {
  const { store, signal } = options
  const platforms = images.map(({ name }) => name)
  const annotations = sortAnnotations(options.annotations, { platforms, isMulti })
  const form = {
    ...options.form,
    ociMediaTypes: options.form.ociMediaTypes || needsOciTypes(options.annotations),
  }
  const manifests: Descriptor[] = []
  for (const { image, platform, name } of images) {
    const described = { ...form, store, annotations: annotations.manifest(name), signal }
    manifests.push(await describeImage(image, isMulti ? { ...described, platform } : described))
  }
  const [only] = manifests
  if (!isMulti && only !== undefined) return { descriptor: only, manifests }
  const mediaType = form.ociMediaTypes ? MediaType.ociIndex : MediaType.dockerManifestList
  const { document, descriptor } = annotations.index
  const index = encodeIndex({
    schemaVersion: 2,
    mediaType,
    manifests,
    ...(Object.keys(document).length > 0 && { annotations: document }),
  })
  const written = await store.blobs.put(index)
  return {
    manifests,
    descriptor: {
      mediaType,
      digest: written.digest,
      size: written.size,
      ...(Object.keys(descriptor).length > 0 && { annotations: descriptor }),
    },
  }
}
