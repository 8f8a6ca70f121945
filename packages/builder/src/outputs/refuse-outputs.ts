import { CooperageError, defaultPlatform, parseReference, requireZstd } from '@cooperage/store'
import { formatPlatform } from '../plan/platform.js'
import type { RequestedPlatforms } from '../plan/requested-platforms.js'
import { type Annotations, sortAnnotations } from './annotations.js'
import type { ImageOutput, OutputSpec } from './output-spec.js'

export interface OutputNeeds extends Pick<RequestedPlatforms, 'list' | 'isMulti'> {
  readonly annotations: Annotations
  /** Names for outputs that have none of their own. */
  readonly tags: readonly string[]
  /** Whether the build speaks to registries. */
  readonly hasRegistry: boolean
}

/**
 * Refuses outputs and annotations that cannot be written, before any work is done for them.
 * @throws E_OUTPUT, E_ANNOTATION, E_REF, E_NO_REGISTRY, E_COMPRESSION_UNSUPPORTED
 */
export function refuseOutputs(specs: readonly OutputSpec[], needs: OutputNeeds): void {
  const { annotations, isMulti } = needs
  const platforms = needs.list.map((platform) => formatPlatform(platform ?? defaultPlatform()))
  sortAnnotations([annotations], { platforms, isMulti })
  for (const spec of specs) {
    if (spec.kind !== 'docker' && spec.kind !== 'oci' && spec.kind !== 'image') continue
    sortAnnotations([spec.annotations], { platforms, isMulti })
    if (spec.compression === 'zstd') requireZstd()
    if (spec.kind === 'image') refuseImage(spec, needs)
    if (spec.kind === 'docker' && isMulti) {
      throw new CooperageError(
        'E_OUTPUT',
        'docker exporter does not currently support exporting manifest lists',
        { hint: 'write type=oci, which newer versions of docker load too, or build for one platform' },
      )
    }
  }
}

function refuseImage(spec: ImageOutput, { tags, hasRegistry }: OutputNeeds): void {
  const names = (spec.names ?? tags).map(parseReference)
  if (names.length === 0) {
    const why = spec.push ? 'tag is needed when pushing to registry' : 'an image in the store needs a name'
    throw new CooperageError('E_OUTPUT', why, { hint: 'give it with --tag, or with name= of the output' })
  }
  if (!spec.push) return
  if (!hasRegistry) {
    throw new CooperageError(
      'E_NO_REGISTRY',
      'an output is to be pushed, and this build speaks to no registry',
      {
        hint: 'give the build a client with the option registry',
      },
    )
  }
  for (const { domain, tag, digest, familiar } of names) {
    if (domain === '' || digest !== undefined) {
      throw new CooperageError('E_OUTPUT', `cannot push to ${familiar}`, {
        hint: 'a name to push to says a registry, a repository and perhaps a tag',
      })
    }
    if (spec.pushByDigest && tag !== undefined) {
      throw new CooperageError('E_OUTPUT', `can't push tagged ref ${familiar} by digest`, {
        hint: 'give the output a name without a tag: name=REPOSITORY',
      })
    }
  }
}
