import { parseDescriptor, parseMediaType } from './parse-descriptor.js'
import { ambiguous, openManifestDocument } from './parse-manifest.js'
import { type Index, MediaType } from './types.js'

/**
 * An image index of OCI, or Docker's manifest list. Entries of unknown media types are kept: whoever chooses skips them.
 *
 * @throws E_MANIFEST with the JSON path; E_MANIFEST_AMBIGUOUS; E_SCHEMA1; E_LIMIT above 4 MiB.
 */
export function parseIndex(bytes: Uint8Array): Index {
  const at = openManifestDocument(bytes, 'index')
  if (at.member('layers').present || at.member('config').present) throw ambiguous('index')
  const mediaType = at.member('mediaType')
  const artifactType = at.member('artifactType')
  const subject = at.member('subject')
  const annotations = at.member('annotations')
  if (mediaType.present) {
    const text = mediaType.string()
    if (text !== MediaType.ociIndex && text !== MediaType.dockerManifestList) {
      throw mediaType.fail(`is not that of an index: ${JSON.stringify(text.slice(0, 100))}`)
    }
  }
  return {
    schemaVersion: 2,
    ...(mediaType.present && { mediaType: mediaType.string() }),
    ...(artifactType.present &&
      artifactType.string() !== '' && { artifactType: parseMediaType(artifactType) }),
    manifests: at.member('manifests').list().map(parseDescriptor),
    ...(subject.present && { subject: parseDescriptor(subject) }),
    ...(annotations.present && { annotations: annotations.stringMap() }),
  }
}
