import { CooperageError } from '../errors.js'
import { encodeIndex } from '../image/encode-manifest.js'
import { type Descriptor, type Index, MediaType } from '../image/types.js'

/** A manifest or index, and what it is called. */
export interface NamedImage {
  readonly descriptor: Descriptor
  /** Full names with their tags, such as `docker.io/library/app:1.0`. */
  readonly names: readonly string[]
}

export const REF_NAME = 'org.opencontainers.image.ref.name'
export const CONTAINERD_NAME = 'io.containerd.image.name'
const CREATED = 'org.opencontainers.image.created'

const FULL_NAME = /^[A-Za-z0-9.:[\]-]+\/[a-z0-9._/-]+:([A-Za-z0-9_][A-Za-z0-9._-]{0,127})$/

/**
 * One descriptor for each name, as containerd writes and reads them: the full name and the tag as annotations. An
 * image without a name gets one descriptor without them. `created` is RFC 3339.
 *
 * @throws E_REF when a name is not `host/path:tag`: loaders give shorter ones different meanings (podman adds
 * `localhost/`, ctr the date), so they are made full before.
 */
export function nameDescriptors(images: readonly NamedImage[], created?: string): Descriptor[] {
  return images.flatMap(({ descriptor, names }) => {
    const common = { ...descriptor.annotations, ...(created !== undefined && { [CREATED]: created }) }
    const { annotations: _, ...bare } = descriptor
    if (names.length === 0) {
      return [Object.keys(common).length > 0 ? { ...bare, annotations: common } : bare]
    }
    return [...new Set(names)].map((name) => ({
      ...bare,
      annotations: { ...common, [CONTAINERD_NAME]: name, [REF_NAME]: tagOf(name) },
    }))
  })
}

/** `index.json` for these descriptors: compact, as containerd writes it. */
export function layoutIndex(manifests: readonly Descriptor[]): Uint8Array {
  const index: Index = { schemaVersion: 2, mediaType: MediaType.ociIndex, manifests }
  return encodeIndex(index, { compact: true })
}

/** Descriptors of an `index.json` with the names they carry, those of one image together, in the order of the index. */
export function collectNames(manifests: readonly Descriptor[]): NamedImage[] {
  const images = new Map<string, { descriptor: Descriptor; names: string[] }>()
  for (const descriptor of manifests) {
    const name = descriptor.annotations?.[CONTAINERD_NAME] ?? descriptor.annotations?.[REF_NAME]
    const image = images.get(descriptor.digest) ?? { descriptor: withoutNames(descriptor), names: [] }
    images.set(descriptor.digest, image)
    if (name !== undefined && !image.names.includes(name)) image.names.push(name)
  }
  return [...images.values()]
}

function withoutNames(descriptor: Descriptor): Descriptor {
  const { annotations, ...bare } = descriptor
  const rest = Object.entries(annotations ?? {}).filter(
    ([key]) => ![REF_NAME, CONTAINERD_NAME, CREATED].includes(key),
  )
  return rest.length > 0 ? { ...bare, annotations: Object.fromEntries(rest) } : bare
}

function tagOf(name: string): string {
  const tag = FULL_NAME.exec(name)?.[1]
  if (tag !== undefined) return tag
  throw new CooperageError(
    'E_REF',
    `not a full image name with a tag: ${JSON.stringify(name.slice(0, 300))}`,
    {
      hint: 'such as "docker.io/library/app:1.0"',
      data: { name },
    },
  )
}
