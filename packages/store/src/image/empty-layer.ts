import type { Digest } from '../digest.js'
import { type Descriptor, MediaType } from './types.js'

/** An empty tar: two blocks of zero bytes. */
export const EMPTY_LAYER_DIFF_ID: Digest =
  'sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef'

/** In bytes, not compressed. */
export const EMPTY_LAYER_SIZE = 1024

/** A new copy of the 1024 bytes. */
export function emptyLayer(): Uint8Array {
  return new Uint8Array(EMPTY_LAYER_SIZE)
}

/** The empty layer as Go compresses it, so that registries that hold BuildKit's images have it already. */
export const EMPTY_LAYER_GZIP: Descriptor = {
  mediaType: MediaType.ociLayerGzip,
  digest: 'sha256:4f4fb700ef54461cfa02571ae0db9a0dc1e0cdb5577484a6d75e68dc38e8acc1',
  size: 32,
}

/** A new copy of the 32 bytes of {@link EMPTY_LAYER_GZIP}. */
export function emptyLayerGzip(): Uint8Array {
  return Buffer.from('1f8b08000000000000ff621805a360148c5800080000ffff2eafb5ef00040000', 'hex')
}
