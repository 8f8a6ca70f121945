import { digestOf } from '../../digest.js'
import { type CooperageError, isCooperageError } from '../../errors.js'
import { encodeIndex } from '../../image/encode-manifest.js'
import { type Descriptor, type Index, MediaType } from '../../image/types.js'
import { getManifest } from '../pull/get-manifest.js'
import type { Call } from '../transport/call.js'
import { registryError } from '../transport/registry-error.js'
import type { Server } from '../transport/server.js'
import type { PushedDocument } from './push-list.js'
import { putManifest } from './put-manifest.js'

/** Others may add to the same list at the same time. */
const TURNS = 4

/** distribution-spec, "Referrers Tag Schema": the tag that lists what refers to a digest. */
export function referrersTag(digest: string): string {
  const [algorithm = '', encoded = ''] = digest.split(':')
  return `${algorithm.slice(0, 32)}-${encoded.slice(0, 64)}`.replace(/[^A-Za-z0-9_.-]/g, '-')
}

/** Adds a manifest to the list of what refers to its subject, for registries that keep no such list by themselves. */
export async function addToReferrers(document: PushedDocument, server: Server, call: Call): Promise<void> {
  const { manifest, index } = document
  const subject = manifest?.subject ?? index?.subject
  if (subject === undefined) return
  const reference = referrersTag(subject.digest)
  const entry = referrerOf(document)
  for (let turn = 1; ; turn++) {
    const listed = await listedReferrers(server, reference, call)
    if (listed === undefined) throw taken(server, reference)
    if (listed.some(({ digest }) => digest === entry.digest)) return
    await putIndex([...listed, entry], { server, reference, call })
    // Without conditional requests the last one wins; whoever looks again sees whether that was us.
    const now = await listedReferrers(server, reference, call)
    if (now?.some(({ digest }) => digest === entry.digest) || turn === TURNS) return
  }
}

/** What the tag lists; nothing where there is no such tag, undefined where it is no list. */
export async function listedReferrers(
  server: Server,
  reference: string,
  call: Call,
): Promise<readonly Descriptor[] | undefined> {
  try {
    const raw = await getManifest(server, { reference, name: reference }, call)
    return raw.index?.manifests
  } catch (error) {
    if (!isCooperageError(error)) throw error
    if (error.code === 'E_REG_NOT_FOUND') return []
    if (/^E_(MANIFEST.*|SCHEMA1)$/.test(error.code)) return undefined
    throw error
  }
}

function taken(server: Server, reference: string): CooperageError {
  return registryError('E_PUSH', {
    host: server.host,
    problem: `uses the tag ${reference}, where what refers to an image is listed, for something else`,
  })
}

function putIndex(
  manifests: readonly Descriptor[],
  to: { readonly server: Server; readonly reference: string; readonly call: Call },
): Promise<boolean> {
  const index: Index = { schemaVersion: 2, mediaType: MediaType.ociIndex, manifests }
  const bytes = encodeIndex(index, { compact: true })
  const descriptor = { mediaType: MediaType.ociIndex, digest: digestOf(bytes), size: bytes.byteLength }
  return putManifest({ mediaType: MediaType.ociIndex, descriptor, bytes, index }, to)
}

function referrerOf({ descriptor, bytes, mediaType, manifest, index }: PushedDocument): Descriptor {
  const artifactType = manifest?.artifactType ?? index?.artifactType ?? manifest?.config.mediaType
  const annotations = manifest?.annotations ?? index?.annotations
  return {
    mediaType,
    digest: descriptor.digest,
    size: bytes.byteLength,
    ...(annotations !== undefined && { annotations }),
    ...(artifactType !== undefined && { artifactType }),
  }
}
