import { type Digest, Digester, digestAlgorithm } from '../digest.js'

/** The digest of these bytes by the algorithm of another digest. */
export function digestLike(example: Digest, bytes: Uint8Array): Digest {
  return new Digester(digestAlgorithm(example)).update(bytes).digest()
}
