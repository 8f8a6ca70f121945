import type { Descriptor, Digest } from '@cooperage/store'
import type { StepEnvironment } from '../execute/step-environment.js'
import type { BuildOutcome } from './describe-result.js'

/** Names the result in the store. The names are full, and lead to the image from here on. */
export async function nameResult(
  names: readonly string[],
  descriptor: Descriptor,
  { images, environment }: Pick<BuildOutcome, 'images'> & { readonly environment: StepEnvironment },
): Promise<void> {
  // Uncompressed layers are what later builds and outputs start from; no manifest may name them in that form.
  const layers = images.flatMap(({ image }) => image.layers)
  const own = layers.filter((layer) => layer.isOwn === true).map((layer) => layer.diffId)
  const blobs: Digest[] = [...new Set(own)]
  for (const name of names) await environment.store.refs.set(name, { descriptor, created: Date.now(), blobs })
}
