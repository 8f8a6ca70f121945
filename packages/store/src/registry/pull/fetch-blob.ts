import type { BlobStore } from '../../blobs/blob-store.js'
import { type Digest, parseDigest } from '../../digest.js'
import { CooperageError, isCooperageError } from '../../errors.js'
import { DecompressAside } from '../../formats/decompress-aside.js'
import { inStore } from '../../formats/image-graph.js'
import { parseUrl } from '../../http/parse-url.js'
import type { Descriptor } from '../../image/types.js'
import type { RecordStore } from '../../records/record-store.js'
import { hostOf } from '../credentials/server-names.js'
import { rememberSource } from '../known-sources.js'
import { isForeignLayer } from '../manifest-types.js'
import type { Call } from '../transport/call.js'
import { escapeText } from '../transport/escape-text.js'
import type { Network } from '../transport/network.js'
import { Server } from '../transport/server.js'
import type { Servers } from '../transport/servers.js'
import { blame } from './blame.js'
import { embeddedBytes, keepBytes } from './keep-bytes.js'
import { type ReceiveOptions, receiveBlob } from './receive-blob.js'

export interface BlobFetching {
  readonly servers: Servers
  readonly network: Network
  readonly store: BlobStore
  readonly records: RecordStore | undefined
  readonly foreignLayers: boolean
  readonly call: Call
  /** Told when the last byte of a blob has come, and the disk has yet to make sure of it. */
  readonly onReceived?: () => void
  /** Of a layer that shall be decompressed while it arrives, where that can be done. */
  readonly diffId?: Digest | undefined
}

export type FetchOutcome = 'exists' | 'moved' | 'resumed'

const URLS_TRIED = 8

/**
 * Makes sure that the store has a blob. @throws E_SIZE_MISMATCH, E_DIGEST_MISMATCH, E_FOREIGN_LAYER, and what any
 * request throws
 */
export async function fetchBlob(descriptor: Descriptor, options: BlobFetching): Promise<FetchOutcome> {
  const { store, call, servers, records, onReceived } = options
  const digest = parseDigest(descriptor.digest)
  const ended = (outcome: FetchOutcome, host: string): FetchOutcome => {
    call.emit({ kind: 'blob', direction: 'pull', digest, size: descriptor.size, outcome, host })
    return outcome
  }
  try {
    if (await inStore(store, descriptor)) return ended('exists', '')
  } catch (error) {
    // What the store has is right: the descriptor is not.
    throw blame(error, { host: hostOf(servers.repository), digest })
  }
  const embedded = embeddedBytes(descriptor)
  if (embedded !== undefined) {
    await keepBytes(store, embedded, descriptor)
    return ended('moved', '')
  }
  const receiving = { descriptor, store, call, onReceived, aside: await asideOf(descriptor, options) }
  try {
    return await servers.firstOf('pull', call, async (server) => {
      const outcome = await receiveBlob({ ...receiving, server, target: `blobs/${digest}` })
      await rememberSource(records, digest, servers.repository)
      return ended(outcome, server.host)
    })
  } catch (error) {
    const isAbsent = isCooperageError(error) && error.code === 'E_REG_NOT_FOUND'
    if (!isAbsent || !isForeignLayer(descriptor.mediaType)) throw error
    const { outcome, host } = await receiveForeign(receiving, options)
    return ended(outcome, host)
  }
}

/** Undefined: there is nothing to decompress. */
async function asideOf(
  layer: Descriptor,
  { diffId, store }: BlobFetching,
): Promise<(() => DecompressAside) | undefined> {
  if (diffId === undefined || diffId === layer.digest) return undefined
  if ((await store.stat(diffId)) !== undefined) return undefined
  return () => new DecompressAside({ layer, diffId, store })
}

/** From where the maker of the layer says, without telling anyone who asks. */
async function receiveForeign(
  receiving: Omit<ReceiveOptions, 'server' | 'target'>,
  { network, foreignLayers }: BlobFetching,
): Promise<{ readonly outcome: FetchOutcome; readonly host: string }> {
  const { descriptor, call } = receiving
  const digest = parseDigest(descriptor.digest)
  const urls = (descriptor.urls ?? []).slice(0, URLS_TRIED).filter(isWeb)
  if (!foreignLayers || urls.length === 0) throw notFetched(digest, urls)
  for (const [index, text] of urls.entries()) {
    const target = new URL(text)
    const endpoint = {
      origin: target.origin,
      repository: '',
      isMirror: true,
      capabilities: new Set(['pull'] as const),
      credentialKey: target.host,
    }
    const server = new Server(endpoint, { network })
    try {
      const outcome = await receiveBlob({ ...receiving, server, target })
      return { outcome, host: server.host }
    } catch (error) {
      call.signal?.throwIfAborted()
      if (index === urls.length - 1 || !isCooperageError(error) || error.category !== 'network') throw error
      call.emit({ kind: 'passed-over', host: server.host, code: error.code, message: error.message })
    }
  }
  throw notFetched(digest, urls)
}

function isWeb(text: string): boolean {
  const url = parseUrl(text)
  if (url === undefined) return false
  const { protocol, username, password } = url
  return (protocol === 'https:' || protocol === 'http:') && username === '' && password === ''
}

function notFetched(digest: Digest, urls: readonly string[]): CooperageError {
  const hosts = [...new Set(urls.map((url) => escapeText(new URL(url).host)))]
  const where =
    hosts.length === 0
      ? 'and names no place to have it from'
      : `but wants it fetched from ${hosts.join(', ')}`
  return new CooperageError('E_FOREIGN_LAYER', `the registry does not have the layer ${digest}, ${where}`, {
    category: 'network',
    hint: 'allow foreign layers to fetch from there; what comes must have the digest',
    data: { digest, hosts },
  })
}
