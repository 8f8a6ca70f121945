import type { Descriptor } from '../../image/types.js'
import type { RecordStore } from '../../records/record-store.js'
import type { PushedImage } from '../client.js'
import type { Content } from '../content.js'
import { inParallel } from '../in-parallel.js'
import { knownSources, rememberSource } from '../known-sources.js'
import type { Call } from '../transport/call.js'
import type { Server } from '../transport/server.js'
import { pushBlob } from './push-blob.js'
import { type PushedDocument, pushList } from './push-list.js'
import { putManifest } from './put-manifest.js'
import { addToReferrers } from './referrers-tag.js'

export interface PushImageOptions {
  readonly server: Server
  /** `docker.io/library/debian`. */
  readonly repository: string
  readonly root: Descriptor
  /** Empty: pushed by digest alone. */
  readonly tags: readonly string[]
  readonly content: Content
  /** Repositories as references name them. */
  readonly mountFrom: readonly string[]
  /** How the server of this push knows a repository; undefined when it is another server's. */
  readonly nameOnServer: (repository: string) => Promise<string | undefined>
  readonly records: RecordStore | undefined
  readonly foreignLayers: boolean
  readonly chunkSize: number | undefined
  readonly parallel: number
  readonly call: Call
}

/** Blobs, then manifests, then tags: at no time does the registry have a name for something that is not all there. */
export async function pushImage(options: PushImageOptions): Promise<PushedImage> {
  const { root, content, foreignLayers, parallel, call } = options
  const { blobs, documents } = await pushList(root, { content, foreignLayers, signal: call.signal })
  const counts = { existed: 0, mounted: 0, uploaded: 0 }
  await inParallel(blobs, { limit: parallel, signal: call.signal }, async (descriptor, signal) => {
    counts[await pushOne(descriptor, options, call.withSignal(signal))]++
  })
  for (const document of documents.slice(0, -1)) await put(document, document.descriptor.digest, options)
  const last = documents.at(-1)!
  const names = options.tags.length > 0 ? options.tags : [root.digest]
  for (const name of new Set(names)) await put(last, name, options)
  return { root: { ...root, mediaType: last.mediaType }, blobs: counts }
}

async function pushOne(
  descriptor: Descriptor,
  options: PushImageOptions,
  call: Call,
): Promise<'existed' | 'mounted' | 'uploaded'> {
  const { server, content, chunkSize, records, repository } = options
  const { digest, size } = descriptor
  const sources = () => findSources(digest, options)
  const outcome = await pushBlob(descriptor, { server, content, call, sources, chunkSize })
  call.emit({ kind: 'blob', direction: 'push', digest, size, outcome, host: server.host })
  await rememberSource(records, digest, repository)
  if (outcome === 'exists') return 'existed'
  return outcome === 'mounted' ? 'mounted' : 'uploaded'
}

async function findSources(digest: string, options: PushImageOptions): Promise<readonly string[]> {
  const { mountFrom, records, repository, nameOnServer } = options
  const known = new Set([...mountFrom, ...(await knownSources(records, digest))])
  known.delete(repository)
  const registry = `${repository.split('/', 1)[0]}/`
  const names: string[] = []
  for (const source of known) {
    if (!source.startsWith(registry)) continue
    const name = await nameOnServer(source)
    if (name !== undefined && name !== options.server.endpoint.repository) names.push(name)
  }
  return names
}

async function put(document: PushedDocument, reference: string, options: PushImageOptions): Promise<void> {
  const { server, call } = options
  const keepsReferrers = await putManifest(document, { server, reference, call })
  if (!keepsReferrers) await addToReferrers(document, server, call)
}
