import { digestOf, parseDigest } from '@cooperage/store'
import type { BuildResult, BuiltImageResult } from '../build-options.js'
import type { BuildOutcome } from './describe-result.js'
import type { OutputResult } from './write-output.js'

/** What the caller of a build learns of the images, given their descriptors. */
export function resultOf(
  outcome: BuildOutcome,
  { descriptor, manifests = [] }: Pick<OutputResult, 'descriptor' | 'manifests'>,
): Pick<BuildResult, 'descriptor' | 'imageId' | 'config' | 'images'> {
  const images = outcome.images.map(
    ({ platform, image }, index): BuiltImageResult => ({
      platform,
      descriptor: manifests[index]!,
      imageId: digestOf(image.configBytes),
      config: image.config,
    }),
  )
  const [first] = images
  return {
    descriptor: descriptor!,
    imageId: outcome.isMulti ? parseDigest(descriptor!.digest) : first!.imageId,
    config: first!.config,
    images,
  }
}
