import { CooperageError } from '../errors.js'
import { JsonCursor } from './json-cursor.js'
import { parseDescriptor, parseMediaType } from './parse-descriptor.js'
import { parseJson } from './parse-json.js'
import { type Manifest, MediaType } from './types.js'

const FIELDS = [
  'schemaVersion',
  'mediaType',
  'artifactType',
  'config',
  'layers',
  'manifests',
  'subject',
  'annotations',
  'fsLayers',
  'signatures',
]

/**
 * An image manifest of OCI or Docker. Fields the specification does not know are ignored; the raw bytes, not the
 * result, are what must be stored and passed on.
 *
 * @throws E_MANIFEST with the JSON path; E_MANIFEST_AMBIGUOUS for a document that is also an index, or whose fields
 * readers understand differently; E_SCHEMA1 for Docker's first format; E_LIMIT above 4 MiB.
 */
export function parseManifest(bytes: Uint8Array): Manifest {
  const at = openManifestDocument(bytes, 'manifest')
  if (at.member('manifests').present) throw ambiguous('manifest')
  const mediaType = at.member('mediaType')
  const artifactType = at.member('artifactType')
  const subject = at.member('subject')
  const annotations = at.member('annotations')
  if (mediaType.present) {
    const text = mediaType.string()
    if (text !== MediaType.ociManifest && text !== MediaType.dockerManifest) {
      throw mediaType.fail(`is not that of an image manifest: ${JSON.stringify(text.slice(0, 100))}`)
    }
  }
  const config = parseDescriptor(at.member('config'))
  if (config.mediaType === MediaType.ociEmpty && !artifactType.present) {
    throw artifactType.fail('is missing: it must be set where the config is the empty one')
  }
  return {
    schemaVersion: 2,
    ...(mediaType.present && { mediaType: mediaType.string() }),
    ...(artifactType.present &&
      artifactType.string() !== '' && { artifactType: parseMediaType(artifactType) }),
    config,
    layers: at.member('layers').listOrNull().map(parseDescriptor),
    ...(subject.present && { subject: parseDescriptor(subject) }),
    ...(annotations.present && { annotations: annotations.stringMap() }),
  }
}

/** The checks that manifests and indexes share. @internal */
export function openManifestDocument(bytes: Uint8Array, what: 'manifest' | 'index'): JsonCursor {
  const at = new JsonCursor(parseJson(bytes, { what, code: 'E_MANIFEST' }), what, 'E_MANIFEST')
  at.refuseCaseVariants(FIELDS)
  const version = at.member('schemaVersion').integer(1)
  if (version === 1) {
    throw new CooperageError(
      'E_SCHEMA1',
      `this ${what} is of Docker's schema version 1, which is not supported`,
      {
        hint: 'pull and push the image again with a Docker of 2017 or later',
      },
    )
  }
  if (version !== 2) throw at.member('schemaVersion').fail(`is ${version}: 2 was expected`)
  return at
}

/** @internal */
export function ambiguous(what: string): CooperageError {
  return new CooperageError(
    'E_MANIFEST_AMBIGUOUS',
    `this ${what} has both layers and manifests: it would be an image to one reader and an index to another`,
  )
}
