import { CooperageError } from '../errors.js'
import { formatPlatform, normalizePlatform } from './platform.js'
import { type Descriptor, MediaType, type Platform } from './types.js'

const INDEXES: ReadonlySet<string> = new Set([MediaType.ociIndex, MediaType.dockerManifestList])
const MANIFESTS: ReadonlySet<string> = new Set([MediaType.ociManifest, MediaType.dockerManifest])

/** True for an index of OCI and for Docker's manifest list. */
export function isIndexType(mediaType: string): boolean {
  return INDEXES.has(mediaType)
}

/** True for an image manifest of OCI or Docker. */
export function isManifestType(mediaType: string): boolean {
  return MANIFESTS.has(mediaType)
}

/** True for provenance and the like, which stand beside images in BuildKit's indexes. */
export function isAttestation(descriptor: Descriptor): boolean {
  const platform = descriptor.platform
  return (
    descriptor.annotations?.['vnd.docker.reference.type'] !== undefined ||
    (platform?.os === 'unknown' && platform.architecture === 'unknown')
  )
}

/**
 * The entries of an index that can run on `wanted`, the best first: exact variant, then lower variants, then what
 * such a processor also runs (386 on amd64, arm on arm64), as containerd ranks them. Among equals the first of the
 * index comes first, but the latest Windows. Entries without a platform (a nested index, or the only image) come last.
 */
export function rankByPlatform(manifests: readonly Descriptor[], wanted: Platform): Descriptor[] {
  const acceptable = fallbacks(normalizePlatform(wanted))
  const usable = manifests.filter(
    (entry) => (isManifestType(entry.mediaType) || isIndexType(entry.mediaType)) && !isAttestation(entry),
  )
  const ranked = usable.flatMap((entry) => {
    if (!entry.platform)
      return usable.length === 1 || isIndexType(entry.mediaType) ? [{ entry, rank: 1000 }] : []
    const rank = acceptable.indexOf(formatPlatform(normalizePlatform(entry.platform)))
    return rank < 0 || !runsOn(entry.platform, wanted) ? [] : [{ entry, rank }]
  })
  return ranked
    .sort((a, b) => a.rank - b.rank || byVersion(a.entry, b.entry, wanted))
    .map(({ entry }) => entry)
}

/**
 * The entry of an index to use on `wanted`.
 *
 * @throws E_PLATFORM, naming the platforms there are.
 */
export function matchPlatform(manifests: readonly Descriptor[], wanted: Platform): Descriptor {
  const best = rankByPlatform(manifests, wanted)[0]
  if (best) return best
  throw noSuchPlatform(manifests, wanted)
}

/** An index may name thousands of platforms. */
const SHOWN = 20

/** The E_PLATFORM error of {@link matchPlatform}. */
export function noSuchPlatform(manifests: readonly Descriptor[], wanted: Platform): CooperageError {
  const available = [
    ...new Set(
      manifests.flatMap((entry) =>
        entry.platform && !isAttestation(entry) ? [formatPlatform(entry.platform)] : [],
      ),
    ),
  ]
  const shown = available.slice(0, SHOWN)
  const more = available.length > SHOWN ? ` and ${available.length - SHOWN} more` : ''
  const listed = shown.length === 0 ? 'it names no platform at all' : `there is ${shown.join(', ')}${more}`
  return new CooperageError(
    'E_PLATFORM',
    `the image is not available for ${formatPlatform(wanted)}: ${listed}`,
    {
      ...(shown.length > 0 && { hint: `choose one with --platform, such as --platform=${shown[0]}` }),
      data: { wanted: formatPlatform(wanted), available: shown },
    },
  )
}

/** The latest Windows first, versions compared as text; nothing else is ordered by its version. */
function byVersion(a: Descriptor, b: Descriptor, { os }: Platform): number {
  const [first = '', second = ''] = [a.platform?.['os.version'], b.platform?.['os.version']]
  return os !== 'windows' || first === second ? 0 : first > second ? -1 : 1
}

/** Builds of Windows Server since which an image of an earlier build runs on a later one, up to the next of these. */
const STABLE_BUILDS = [20348, 26100]

/** Windows images run on one build of the system only, before the builds that are stable. */
function runsOn(entry: Platform, wanted: Platform): boolean {
  const have = entry['os.version']
  const want = wanted['os.version']
  if (wanted.os !== 'windows' || !have || !want) return true
  const [image, host] = [have, want].map((version) => version.split('.').slice(0, 3).map(Number))
  const [major, minor, build = 0] = image!
  const [hostMajor, hostMinor, hostBuild = 0] = host!
  if (major !== hostMajor || minor !== hostMinor) return false
  const stable = STABLE_BUILDS.findLast((one) => one < hostBuild) ?? hostBuild
  return stable <= build && build <= hostBuild
}

function fallbacks(platform: Platform): string[] {
  const { os, architecture } = platform
  const own = formatPlatform(platform)
  const number = Number(/^v([0-9])$/.exec(platform.variant ?? '')?.[1] ?? Number.NaN)
  switch (architecture) {
    case 'amd64':
      return [own, ...below('amd64', number, 2), `${os}/amd64`, `${os}/386`]
    case 'arm':
      return [own, ...below('arm', number, 5)]
    case 'arm64':
      return [own, `${os}/arm64`, `${os}/arm/v8`, ...below('arm', 8, 5)]
    default:
      return [own]
  }

  function below(name: string, top: number, bottom: number): string[] {
    const names: string[] = []
    for (let v = top - 1; v >= bottom; v--) names.push(`${os}/${name}/v${v}`)
    return names
  }
}
