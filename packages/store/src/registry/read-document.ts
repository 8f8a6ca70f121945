import { CooperageError } from '../errors.js'
import { isIndexType, isManifestType } from '../image/match-platform.js'
import { parseIndex } from '../image/parse-index.js'
import { parseJson } from '../image/parse-json.js'
import { parseManifest } from '../image/parse-manifest.js'
import { type Index, type Manifest, MediaType } from '../image/types.js'

/** A manifest, an index, or a document of which only its type is known. */
export interface Document {
  readonly mediaType: string
  readonly manifest?: Manifest
  readonly index?: Index
}

export interface DocumentTypes {
  /** As the descriptor says that led here. */
  readonly named?: string
  /** As the server says. */
  readonly sent?: string
}

const SCHEMA1 = /^application\/vnd\.docker\.distribution\.manifest\.v1\+/

/**
 * Finds out what a document is and reads it. All who say a type must say the same, for the bytes of a manifest may
 * pass for an index elsewhere. @throws E_MANIFEST, E_MANIFEST_AMBIGUOUS, E_SCHEMA1, E_LIMIT
 */
export function readDocument(bytes: Uint8Array, types: DocumentTypes): Document {
  const named = types.named === undefined || types.named === '' ? undefined : types.named
  const sent = types.sent !== undefined && isKnown(types.sent) ? types.sent : undefined
  checkSchema1(types.sent)
  // Something that is no image: kept and handed on, not understood (image-spec, image-index.md, "mediaType").
  if (named !== undefined && !isKnown(named)) return { mediaType: named }
  const { mediaType: own, manifests, layers } = outline(bytes)
  if (own !== undefined && !isKnown(own) && named === undefined && sent === undefined)
    return { mediaType: own }
  const said = [own, named, sent].filter((type) => type !== undefined)
  if (said.some((type) => type !== said[0])) {
    throw new CooperageError('E_MANIFEST_AMBIGUOUS', `this manifest is said to be ${said.join(' and ')}`, {
      data: { mediaTypes: said },
    })
  }
  const mediaType = said[0] ?? (manifests && !layers ? MediaType.ociIndex : MediaType.ociManifest)
  if (isIndexType(mediaType)) return { mediaType, index: parseIndex(bytes) }
  return { mediaType, manifest: parseManifest(bytes) }
}

/** @throws E_SCHEMA1 for the types of Docker's first format */
export function checkSchema1(mediaType: string | undefined): void {
  if (mediaType === undefined || !SCHEMA1.test(mediaType)) return
  throw new CooperageError(
    'E_SCHEMA1',
    "this manifest is of Docker's schema version 1, which is not supported",
    { hint: 'pull and push the image again with a Docker of 2017 or later' },
  )
}

function isKnown(mediaType: string): boolean {
  return isIndexType(mediaType) || isManifestType(mediaType)
}

function outline(bytes: Uint8Array): { mediaType?: string; manifests: boolean; layers: boolean } {
  const value = parseJson(bytes, { what: 'manifest', code: 'E_MANIFEST' })
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { manifests: false, layers: false }
  }
  const { mediaType, manifests, layers } = value as Record<string, unknown>
  return {
    ...(typeof mediaType === 'string' && mediaType !== '' && { mediaType }),
    manifests: manifests !== undefined && manifests !== null,
    layers: layers !== undefined && layers !== null,
  }
}
