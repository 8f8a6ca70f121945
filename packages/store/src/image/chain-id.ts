import { type Digest, digestOf } from '../digest.js'

/**
 * ChainIDs of the layers, from the lowest: the name of a layer together with all below it (image-spec, config.md,
 * "Layer ChainID"). The last one names the whole file system.
 */
export function chainIds(diffIds: readonly Digest[]): Digest[] {
  const chain: Digest[] = []
  for (const diffId of diffIds) {
    const below = chain.at(-1)
    chain.push(below === undefined ? diffId : digestOf(`${below} ${diffId}`))
  }
  return chain
}
