import { CooperageError, defaultPlatform, requireZstd } from '@cooperage/store'
import { formatPlatform } from '../plan/platform.js'
import type { RequestedPlatforms } from '../plan/requested-platforms.js'
import { type Annotations, sortAnnotations } from './annotations.js'
import type { OutputSpec } from './output-spec.js'

/**
 * Refuses outputs and annotations that cannot be written, before any work is done for them.
 * @throws E_OUTPUT, E_ANNOTATION, E_COMPRESSION_UNSUPPORTED
 */
export function refuseOutputs(
  specs: readonly OutputSpec[],
  annotations: Annotations,
  { list, isMulti }: Pick<RequestedPlatforms, 'list' | 'isMulti'>,
): void {
  const platforms = list.map((platform) => formatPlatform(platform ?? defaultPlatform()))
  sortAnnotations([annotations], { platforms, isMulti })
  for (const spec of specs) {
    if (spec.kind !== 'docker' && spec.kind !== 'oci') continue
    sortAnnotations([spec.annotations], { platforms, isMulti })
    if (spec.compression === 'zstd') requireZstd()
    if (spec.kind === 'docker' && isMulti) {
      throw new CooperageError(
        'E_OUTPUT',
        'docker exporter does not currently support exporting manifest lists',
        { hint: 'write type=oci, which newer versions of docker load too, or build for one platform' },
      )
    }
  }
}
