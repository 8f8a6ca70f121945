import { CooperageError, parsePlatform } from '@cooperage/store'
import { formatPlatform } from '../plan/platform.js'

/** Where an annotation is written: into a manifest or the index, or into the descriptor that names one of them. */
export type AnnotationType = 'manifest' | 'manifest-descriptor' | 'index' | 'index-descriptor'

export const ANNOTATION_TYPES: readonly AnnotationType[] = [
  'manifest',
  'manifest-descriptor',
  'index',
  'index-descriptor',
]

export interface Annotation {
  readonly key: string
  readonly value: string
  /** Default `manifest`. */
  readonly type?: AnnotationType
  /** Of manifests and their descriptors: only those of this platform. */
  readonly platform?: string
}

/** Annotations of manifests by their keys, or of any type, of which a later one wins over an earlier one. */
export type Annotations = Readonly<Record<string, string>> | readonly Annotation[]

/** The annotations of one manifest or index. */
export interface DescribedBy {
  readonly document: Readonly<Record<string, string>>
  readonly descriptor: Readonly<Record<string, string>>
}

export interface SortedAnnotations {
  readonly index: DescribedBy
  /** Of the image for the platform of this name. */
  manifest(name: string): DescribedBy
}

export interface AnnotatedResult {
  /** Names of the platforms: `linux/amd64`. */
  readonly platforms: readonly string[]
  /** Whether there is an index. */
  readonly isMulti: boolean
}

/**
 * Sorts annotations by what they are written into. Those for one platform win over those for all.
 * @throws E_ANNOTATION for an index that the result has not, or a platform that is not in it
 */
export function sortAnnotations(
  given: readonly Annotations[],
  { platforms, isMulti }: AnnotatedResult,
): SortedAnnotations {
  const all = given.flatMap(asList)
  const names = new Set(platforms)
  for (const annotation of all) {
    if (isOfIndex(annotation)) {
      if (!isMulti) throw indexMissing(annotation)
    } else if (annotation.platform !== undefined && !names.has(platformName(annotation))) {
      throw platformMissing(platformName(annotation), [...names])
    }
  }
  const pick = (type: AnnotationType, platform?: string) =>
    Object.fromEntries(
      all
        .filter((one) => (one.type ?? 'manifest') === type && isFor(one, platform))
        .map(({ key, value }) => [key, value]),
    )
  return {
    index: { document: pick('index'), descriptor: pick('index-descriptor') },
    manifest: (name) => {
      const of = (type: AnnotationType) => ({ ...pick(type), ...pick(type, name) })
      return { document: of('manifest'), descriptor: of('manifest-descriptor') }
    },
  }
}

/** True when one of them is of a kind that Docker's media types have no place for. */
export function needsOciTypes(given: readonly Annotations[]): boolean {
  return given.flatMap(asList).some(({ type = 'manifest' }) => type !== 'manifest')
}

function asList(annotations: Annotations): readonly Annotation[] {
  if (isList(annotations)) return annotations
  return Object.entries(annotations).map(([key, value]) => ({ key, value }))
}

function isList(annotations: Annotations): annotations is readonly Annotation[] {
  return Array.isArray(annotations)
}

function isOfIndex({ type }: Annotation): boolean {
  return type === 'index' || type === 'index-descriptor'
}

/** There is one index: whatever platform is written beside its type means nothing. */
function isFor(annotation: Annotation, platform: string | undefined): boolean {
  if (isOfIndex(annotation)) return true
  return (annotation.platform === undefined ? undefined : platformName(annotation)) === platform
}

function platformName({ platform = '' }: Annotation): string {
  return formatPlatform(parsePlatform(platform))
}

function indexMissing({ key, type }: Annotation): CooperageError {
  return new CooperageError('E_ANNOTATION', 'index annotations not supported for single platform export', {
    hint: `${key} is of type ${type}: an index is made for several platforms, and with BUILDKIT_MULTI_PLATFORM=1`,
    data: { key, type },
  })
}

function platformMissing(platform: string, platforms: readonly string[]): CooperageError {
  return new CooperageError('E_ANNOTATION', `invalid annotation: no platform ${platform} found in source`, {
    hint: `the image is made for ${platforms.join(', ')}`,
    data: { platform, platforms },
  })
}
