import { Digester, digestAlgorithm, parseDigest } from '../../digest.js'
import { CooperageError, isCooperageError } from '../../errors.js'
import { isIndexType, isManifestType } from '../../image/match-platform.js'
import { type Descriptor, MediaType } from '../../image/types.js'
import type { Content } from '../content.js'
import type { Call } from '../transport/call.js'
import type { Server } from '../transport/server.js'
import type { Servers } from '../transport/servers.js'
import { blame } from './blame.js'
import { blobChunks } from './blob-chunks.js'
import { getManifest } from './get-manifest.js'

interface Part {
  readonly descriptor: Descriptor
  readonly from: number
}

/** The blobs and manifests of a repository, streamed. `find` is asked when something is read. */
export function remoteContent(find: () => Promise<Servers>, call: Call): Content {
  return {
    async *read(descriptor, { offset = 0, signal } = {}) {
      const servers = await find()
      const part = { descriptor, from: offset }
      yield* read(servers, part, call.withSignal(either(call.signal, signal)))
    },
  }
}

async function* read(servers: Servers, part: Part, call: Call): AsyncGenerator<Uint8Array> {
  const { mediaType } = part.descriptor
  if (isIndexType(mediaType) || isManifestType(mediaType)) {
    yield await manifestBytes(servers, part, call)
    return
  }
  const begun = await servers.firstOf('pull', call, async (server) => {
    const chunks = checkedChunks(server, part, call)
    try {
      return { chunks, first: await chunks.next() }
    } catch (error) {
      // Entries of an index may be of any type; such a one is a manifest to the registry all the same.
      if (!isCooperageError(error) || error.code !== 'E_REG_NOT_FOUND' || !mayBeManifest(mediaType))
        throw error
      return undefined
    }
  })
  if (begun === undefined) {
    yield await manifestBytes(servers, part, call)
    return
  }
  try {
    for (let next = begun.first; !next.done; next = await begun.chunks.next()) yield next.value
  } finally {
    await begun.chunks.return(undefined)
  }
}

async function manifestBytes(servers: Servers, { descriptor, from }: Part, call: Call): Promise<Uint8Array> {
  const { digest, mediaType, size } = descriptor
  const name = `${servers.repository}@${digest}`
  const raw = await servers.firstOf('pull', call, (server) =>
    getManifest(server, { reference: digest, name, mediaType, size }, call),
  )
  return raw.bytes.subarray(from)
}

async function* checkedChunks(
  server: Server,
  { descriptor, from }: Part,
  call: Call,
): AsyncGenerator<Uint8Array, undefined> {
  const digest = parseDigest(descriptor.digest)
  const digester = from === 0 ? new Digester(digestAlgorithm(digest)) : undefined
  try {
    const target = `blobs/${digest}`
    for await (const chunk of blobChunks({ server, target, descriptor, from, call })) {
      digester?.update(chunk)
      yield chunk
    }
    const found = digester?.digest() ?? digest
    if (found === digest) return
    throw new CooperageError('E_DIGEST_MISMATCH', `content is ${found}, not ${digest}`, {
      category: 'network',
      hint: 'the content was changed on its way here',
      data: { expected: digest, found },
    })
  } catch (error) {
    throw blame(error, { host: server.host, digest })
  }
}

/** Layers and configs of images are blobs, and nothing else. */
function mayBeManifest(mediaType: string): boolean {
  return !(Object.values(MediaType) as string[]).includes(mediaType) && !/\.layer\.|\.diff\./.test(mediaType)
}

function either(one: AbortSignal | undefined, other: AbortSignal | undefined): AbortSignal | undefined {
  if (one === undefined || other === undefined) return one ?? other
  return AbortSignal.any([one, other])
}
