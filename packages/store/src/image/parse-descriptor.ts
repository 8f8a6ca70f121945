import { isDigest } from '../digest.js'
import type { JsonCursor } from './json-cursor.js'
import { parsePlatformFields } from './parse-platform-fields.js'
import type { Descriptor } from './types.js'

const MEDIA_TYPE = /^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}\/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}$/
const DIGEST = /^[a-z0-9]+(?:[+._-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$/
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const FIELDS = ['mediaType', 'digest', 'size', 'urls', 'annotations', 'data', 'platform', 'artifactType']

/**
 * A descriptor, checked beyond what the JSON schema checks: length and case of sha256 and sha512 digests, base64 of
 * `data`, its length against `size`. Digests of other algorithms pass here when grammatical; whoever reads the blob
 * refuses them.
 */
export function parseDescriptor(at: JsonCursor): Descriptor {
  at.refuseCaseVariants(FIELDS)
  const digest = at.member('digest')
  const size = at.member('size').integer(0)
  const urls = at.member('urls')
  const annotations = at.member('annotations')
  const data = at.member('data')
  const platform = at.member('platform')
  const artifactType = at.member('artifactType')
  const platformFields = platform.present ? parsePlatformFields(platform) : undefined
  return {
    mediaType: parseMediaType(at.member('mediaType')),
    digest: parseDigestField(digest),
    size,
    ...(urls.present && { urls: urls.strings() }),
    ...(annotations.present && { annotations: annotations.stringMap() }),
    ...(data.present && { data: parseData(data, size) }),
    ...(platformFields !== undefined && { platform: platformFields }),
    ...(artifactType.present &&
      artifactType.string() !== '' && { artifactType: parseMediaType(artifactType) }),
  }
}

export function parseMediaType(at: JsonCursor): string {
  const text = at.string()
  if (!MEDIA_TYPE.test(text)) throw at.fail(`is not a media type: ${JSON.stringify(text.slice(0, 100))}`)
  return text
}

function parseDigestField(at: JsonCursor): string {
  const text = at.string()
  const known = /^sha(?:256|512):/i.test(text)
  if (known ? !isDigest(text) : !DIGEST.test(text)) {
    throw at.fail(`is not a digest: ${JSON.stringify(text.slice(0, 140))}`)
  }
  return text
}

function parseData(at: JsonCursor, size: number): string {
  const text = at.string()
  if (!BASE64.test(text)) throw at.fail('is not base64')
  if (Buffer.byteLength(text, 'base64') !== size) throw at.fail('has another length than size says')
  return text
}
