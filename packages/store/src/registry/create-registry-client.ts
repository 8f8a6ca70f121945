import { setTimeout as pause } from 'node:timers/promises'
import { type Digest, parseDigest } from '../digest.js'
import { CooperageError, isCooperageError } from '../errors.js'
import { decompressLayer } from '../formats/compress-layer.js'
import { nodeTransport } from '../http/node-transport.js'
import type { Transport } from '../http/transport.js'
import { parseConfig } from '../image/parse-config.js'
import { defaultPlatform } from '../image/platform.js'
import type { Descriptor, Manifest } from '../image/types.js'
import { Authorizer } from './auth/authorizer.js'
import type {
  CallOptions,
  CopyOptions,
  FetchBlobOptions,
  PulledImage,
  PullOptions,
  PushedImage,
  PushOptions,
  RawManifest,
  RegistryClient,
  RegistryClientOptions,
  RegistryClock,
  ResolvedImage,
  ResolveImageOptions,
  StoringOptions,
} from './client.js'
import type { Content } from './content.js'
import type { Credential } from './credential.js'
import type { EndpointPolicy } from './endpoint.js'
import { isImage } from './is-image.js'
import { listReferrers } from './list-referrers.js'
import { listTags } from './list-tags.js'
import { logIn } from './log-in.js'
import { plainEndpoints } from './plain-endpoints.js'
import { chooseImage } from './pull/choose-image.js'
import { configPlatform } from './pull/config-platform.js'
import { resolveTag, withDocuments } from './pull/documents.js'
import { type BlobFetching, type FetchOutcome, fetchBlob } from './pull/fetch-blob.js'
import { Flights } from './pull/flights.js'
import { getManifest, headManifest } from './pull/get-manifest.js'
import { pullImage } from './pull/pull-image.js'
import { remoteContent } from './pull/remote-content.js'
import { pushImage } from './push/push-image.js'
import { readContent } from './read-content.js'
import { type Reference, withDefaultTag, withDigest } from './reference.js'
import { Call } from './transport/call.js'
import { Network } from './transport/network.js'
import { Server } from './transport/server.js'
import { Servers } from './transport/servers.js'

/** A client of registries. Cheap to make: nothing is asked before the first call. */
export function createRegistryClient(options: RegistryClientOptions = {}): RegistryClient {
  return new Client(options)
}

const TRIES = 5
const LONGEST_WAIT = 60_000
const PARALLEL = 4

const CLOCK: RegistryClock = {
  now: () => Date.now(),
  async sleep(milliseconds, signal) {
    signal?.throwIfAborted()
    try {
      await pause(milliseconds, undefined, signal === undefined ? {} : { signal })
    } catch (error) {
      signal?.throwIfAborted()
      throw error
    }
  },
}

class Client implements RegistryClient {
  readonly #options: RegistryClientOptions
  readonly #policy: EndpointPolicy
  readonly #network: Network
  readonly #authorizer: Authorizer
  readonly #ownTransport: Transport | undefined
  readonly #flights = new Flights<FetchOutcome>()
  readonly #parallel: number
  readonly #closing = new AbortController()

  constructor(options: RegistryClientOptions) {
    this.#options = options
    this.#policy = options.endpoints ?? plainEndpoints()
    this.#parallel = options.parallel ?? PARALLEL
    const { environment, timeouts } = options
    this.#ownTransport =
      options.transport === undefined
        ? nodeTransport({ ...(environment && { environment }), ...(timeouts && { timeouts }) })
        : undefined
    this.#network = new Network({
      transport: options.transport ?? this.#ownTransport!,
      clock: options.clock ?? CLOCK,
      tries: options.tries ?? TRIES,
      longestWait: options.longestWait ?? LONGEST_WAIT,
      userAgent: options.userAgent ?? 'cooperage',
    })
    this.#authorizer = new Authorizer({
      network: this.#network,
      credentials: options.credentials ?? (async () => undefined),
      signal: this.#closing.signal,
    })
  }

  async head(reference: Reference, options: CallOptions = {}): Promise<Descriptor> {
    const call = new Call(options)
    const servers = await this.#servers(reference)
    if (reference.digest === undefined) {
      const { digest, mediaType, size } = await resolveTag(servers, reference, call)
      if (size !== undefined && mediaType !== '') return { mediaType, digest, size }
      return (await this.#manifest(servers, withDigest(reference, digest), call)).descriptor
    }
    const wanted = { reference: parseDigest(reference.digest), name: String(reference) }
    return servers.firstOf('pull', call, async (server) => {
      const head = await headManifest(server, wanted, call)
      if (head?.size !== undefined && head.mediaType !== '' && head.digest === wanted.reference) {
        return { mediaType: head.mediaType, digest: head.digest, size: head.size }
      }
      return (await getManifest(server, wanted, call)).descriptor
    })
  }

  async manifest(reference: Reference, options: CallOptions = {}): Promise<RawManifest> {
    const call = new Call(options)
    return this.#manifest(await this.#servers(reference), reference, call)
  }

  async resolve(reference: Reference, options: ResolveImageOptions): Promise<ResolvedImage> {
    const { platform = defaultPlatform() } = options
    return withDocuments(await this.#fetching(reference, options), async (documents) => {
      const root = await documents.root(reference)
      const image = await chooseImage(root, platform, {
        read: (descriptor) => documents.manifest(descriptor),
      })
      const config = await documents.config(image.manifest)
      return {
        reference: withDigest(reference, root.descriptor.digest),
        root: root.descriptor,
        ...image,
        config,
      }
    })
  }

  async pull(reference: Reference, options: PullOptions): Promise<PulledImage> {
    const { platforms } = options
    const fetching = await this.#fetching(reference, options)
    const pulled = await pullImage(reference, {
      ...fetching,
      platforms,
      parallel: this.#parallel,
      obtain: (descriptor, part) => this.#obtain(descriptor, part),
    })
    return { reference: withDigest(reference, pulled.root.digest), ...pulled }
  }

  async fetchBlob(reference: Reference, descriptor: Descriptor, options: FetchBlobOptions): Promise<boolean> {
    const { diffId, store, records, signal } = options
    const fetching = await this.#fetching(reference, options)
    const outcome = await this.#obtain(descriptor, { ...fetching, diffId })
    // Most often that is done by now.
    if (diffId !== undefined) {
      await decompressLayer(descriptor, diffId, { store, records, ...(signal && { signal }) })
    }
    return outcome !== 'exists'
  }

  content(reference: Reference, options: CallOptions = {}): Content {
    let servers: Promise<Servers> | undefined
    const find = () => {
      servers ??= this.#servers(reference)
      return servers
    }
    return remoteContent(find, new Call(options))
  }

  async push(reference: Reference, options: PushOptions): Promise<PushedImage> {
    const { root, content, records, foreignLayers = false, mountFrom = [] } = options
    const digest = reference.digest
    if (digest !== undefined && digest !== root.digest) {
      const problem = `${reference} cannot name what is pushed: that is ${root.digest}`
      throw new CooperageError('E_DIGEST_MISMATCH', problem, {
        data: { expected: digest, found: root.digest },
      })
    }
    const server = (await this.#servers(reference)).forPush()
    const { tag } = withDefaultTag(reference)
    return pushImage({
      server,
      repository: repositoryOf(reference),
      root,
      tags: [...(tag === undefined ? [] : [tag]), ...(options.tags ?? [])],
      content,
      mountFrom: mountFrom.map(repositoryOf),
      nameOnServer: (repository) => this.#nameOnServer(repository, server),
      records,
      foreignLayers,
      chunkSize: this.#options.chunkSize,
      parallel: this.#parallel,
      call: new Call(options),
    })
  }

  async copy(from: Reference, to: Reference, options: CopyOptions = {}): Promise<PushedImage> {
    const { platform, onEvent, signal, ...rest } = options
    const common = { ...rest, ...(signal && { signal }) }
    // What is read is written: told once.
    const quiet: CallOptions = {
      ...(signal && { signal }),
      ...(onEvent && {
        onEvent: (event) => {
          if (event.kind !== 'progress') onEvent(event)
        },
      }),
    }
    const root = await this.#copied(from, platform, quiet)
    const content = this.content(withDigest(from, root.digest), quiet)
    return this.push(to, { ...common, ...(onEvent && { onEvent }), root, content, mountFrom: [from] })
  }

  async *tags(reference: Reference, options: CallOptions = {}): AsyncGenerator<string> {
    const call = new Call(options)
    const servers = await this.#servers(reference)
    const begin = async (server: Server) => {
      const tags = listTags(server, servers.repository, call)
      return { tags, first: await tags.next() }
    }
    const listing = await servers.withoutMirrors(call, begin)
    for (let next = listing.first; !next.done; next = await listing.tags.next()) yield next.value
  }

  async referrers(
    reference: Reference,
    digest: Digest,
    options: CallOptions & { readonly artifactType?: string } = {},
  ): Promise<readonly Descriptor[]> {
    const call = new Call(options)
    const servers = await this.#servers(reference)
    const about = { digest: parseDigest(digest), artifactType: options.artifactType }
    const list = (server: Server) => listReferrers(server, about, call)
    return servers.withoutMirrors(call, list)
  }

  async login(
    domain: string,
    credential: Credential,
    options: CallOptions = {},
  ): Promise<{ readonly identityToken?: string }> {
    const endpoint = (await this.#policy(domain)).at(-1)
    if (endpoint === undefined)
      throw new CooperageError('E_REG_BLOCKED', `no server is configured for ${domain}`)
    return logIn({ endpoint, credential, network: this.#network, call: new Call(options) })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(
      new CooperageError('E_REG_CLOSED', 'this registry client has been disposed', { category: 'internal' }),
    )
    await this.#ownTransport?.[Symbol.asyncDispose]()
  }

  #servers(reference: Reference): Promise<Servers> {
    const by = reference.digest === undefined ? 'tag' : 'digest'
    const shared = { network: this.#network, authorizer: this.#authorizer }
    return Servers.find(repositoryOf(reference), {
      policy: (repository) => this.#policy(repository, { by }),
      open: (endpoint) => new Server(endpoint, shared),
    })
  }

  async #fetching(
    reference: Reference,
    options: StoringOptions & Pick<PullOptions, 'foreignLayers'>,
  ): Promise<BlobFetching> {
    const { store, records, foreignLayers = false } = options
    const servers = await this.#servers(reference)
    return { servers, network: this.#network, store, records, foreignLayers, call: new Call(options) }
  }

  #obtain(descriptor: Descriptor, options: BlobFetching): Promise<FetchOutcome> {
    const { store, call } = options
    const { digest, size } = descriptor
    return this.#flights.join({ store, digest }, call.signal, {
      fetch: () => fetchBlob(descriptor, options),
      joined() {
        call.emit({ kind: 'blob', direction: 'pull', digest, size, outcome: 'exists', host: '' })
        return 'exists'
      },
    })
  }

  #manifest(servers: Servers, reference: Reference, call: Call): Promise<RawManifest> {
    const name = String(reference)
    const { digest, tag = 'latest' } = reference
    const capability = digest === undefined ? 'resolve' : 'pull'
    const wanted = { reference: digest === undefined ? tag : parseDigest(digest), name }
    return servers.firstOf(capability, call, (server) => getManifest(server, wanted, call))
  }

  async #copied(
    from: Reference,
    platform: CopyOptions['platform'],
    options: CallOptions,
  ): Promise<Descriptor> {
    if (platform === undefined) return this.head(from, options)
    const root = await this.manifest(from, options)
    const read = (descriptor: Descriptor) =>
      this.manifest(withDigest(from, parseDigest(descriptor.digest)), options)
    if (platform === 'default') return (await chooseImage(root, defaultPlatform(), { read })).descriptor
    const platformOf = async (manifest: Manifest) => {
      if (!isImage(manifest)) return undefined
      const bytes = await readContent(this.content(from, options), manifest.config, options.signal)
      return configPlatform(parseConfig(bytes))
    }
    return (await chooseImage(root, platform, { read, platformOf })).descriptor
  }

  async #nameOnServer(repository: string, server: Server): Promise<string | undefined> {
    const endpoints = await this.#policy(repository).catch((error: unknown) => {
      // A repository that may not be asked gives nothing, and is no reason to fail.
      if (isCooperageError(error)) return []
      throw error
    })
    return endpoints.find(({ origin }) => new URL(origin).origin === server.origin)?.repository
  }
}

/** @throws E_REF for a name that says of no registry that it is there */
function repositoryOf(reference: Reference): string {
  const { domain, path } = reference
  if (domain !== '') return `${domain}/${path}`
  throw new CooperageError('E_REF', `${reference} names no registry`, {
    hint: 'the part before the first slash looks like a host, and cannot be one',
    data: { reference: String(reference) },
  })
}
