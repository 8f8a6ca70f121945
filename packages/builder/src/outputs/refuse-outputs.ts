import { CooperageError, requireZstd } from '@cooperage/store'
import type { RequestedPlatforms } from '../plan/requested-platforms.js'
import type { OutputSpec } from './output-spec.js'

/**
 * Refuses outputs that cannot be written, before any work is done for them.
 * @throws E_OUTPUT, E_COMPRESSION_UNSUPPORTED
 */
export function refuseOutputs(
  specs: readonly OutputSpec[],
  { isMulti }: Pick<RequestedPlatforms, 'isMulti'>,
): void {
  for (const spec of specs) {
    if ((spec.kind === 'docker' || spec.kind === 'oci') && spec.compression === 'zstd') requireZstd()
    if (spec.kind === 'docker' && isMulti) {
      throw new CooperageError(
        'E_OUTPUT',
        'docker exporter does not currently support exporting manifest lists',
        { hint: 'write type=oci, which newer versions of docker load too, or build for one platform' },
      )
    }
  }
}
