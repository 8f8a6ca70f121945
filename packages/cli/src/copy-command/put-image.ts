import {
  type Descriptor,
  type NamedImage,
  REF_NAME,
  type Store,
  writeDockerArchive,
  writeOciArchive,
  writeOciLayout,
} from '@cooperage/store'
import { fullName } from '../images/full-name.js'
import type { Place } from './place.js'

export interface PutOptions {
  readonly store: Store
  readonly signal: AbortSignal
}

/** Writes an image of the store to a place of this machine, its bytes as they are. @throws E_BLOB_MISSING, E_REF, E_OUTPUT_… */
export async function putImage(
  place: Exclude<Place, { kind: 'docker' }>,
  root: Descriptor,
  { store, signal }: PutOptions,
): Promise<void> {
  const from = { store: store.blobs, signal }
  switch (place.kind) {
    case 'store':
      await store.refs.set(fullName(place.name), { descriptor: root, created: Date.now() })
      return
    case 'oci':
      return writeOciLayout([annotated(root, place.reference)], { ...from, directory: place.path })
    case 'oci-archive':
      return writeOciArchive([annotated(root, place.reference)], { ...from, destination: place.path })
    case 'docker-archive': {
      const names = place.reference === undefined ? [] : [fullName(place.reference)]
      return writeDockerArchive([{ descriptor: root, names }], { ...from, destination: place.path })
    }
  }
}

/** The reference of a layout is one annotation, whatever it says, as skopeo writes and reads it. */
function annotated(root: Descriptor, reference: string | undefined): NamedImage {
  if (reference === undefined) return { descriptor: root, names: [] }
  const annotations = { ...root.annotations, [REF_NAME]: reference }
  return { descriptor: { ...root, annotations }, names: [] }
}
