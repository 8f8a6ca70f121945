import {
  CooperageError,
  type Descriptor,
  expandShortName,
  isCooperageError,
  layerCountError,
  openOciLayout,
  type Platform,
  parseDigest,
  parseReference,
  type Reference,
  type SourceLocation,
  withDefaultTag,
  withDigest,
} from '@cooperage/store'
import type { BuildOptions } from '../build-options.js'
import type { BuildEvent } from '../events.js'
import type { FileSystem, LayerOrigin } from '../execute/file-system.js'
import type { StepEnvironment } from '../execute/step-environment.js'
import { withLocation } from '../located.js'
import type { BaseImage } from '../plan/plan.js'
import { baseFileSystem } from './base-file-system.js'
import { type ImageDocuments, readImageDocuments } from './image-documents.js'
import { type KnownImage, knownImage } from './known-images.js'
import { LayerFetches } from './layer-fetches.js'
import { type DistantImage, RegistryImages } from './registry-images.js'
import type { RegistryOpener } from './registry-opener.js'

export interface BaseImageWires {
  /** Undefined: nobody is asked. */
  readonly registry: RegistryOpener | undefined
  readonly signal: AbortSignal
  readonly emit: (event: BuildEvent) => void
}

/** Without a reference it is what only this machine knows: a layout, or what a name was given to here. */
type FoundImage = ImageDocuments & Partial<Pick<DistantImage, 'reference'> & { readonly origin: LayerOrigin }>

/**
 * Base images of one build: named contexts, images of the store, and images of registries, of which only manifest and
 * config are fetched until somebody needs a layer. What a tag stands for is asked once: all stages and platforms get
 * the same image, whatever happens to the tag meanwhile.
 */
export class BaseImages {
  readonly #options: BuildOptions
  readonly #wires: BaseImageWires
  readonly #distant: RegistryImages | undefined
  readonly #images = new Map<string, FoundImage>()
  /** Of each attempt at the build: their layers are fetched under its signal. */
  readonly #fileSystems = new WeakMap<StepEnvironment, Map<string, Promise<FileSystem>>>()
  /** What the store knew of references at the first look, by their full form. */
  readonly #known = new Map<string, Promise<KnownImage | undefined>>()

  constructor(options: BuildOptions, wires: BaseImageWires) {
    this.#options = options
    this.#wires = wires
    const { store } = options
    const { registry, ...rest } = wires
    this.#distant = registry && new RegistryImages({ ...rest, store, registry })
  }

  /**
   * Finds an image and reads its config.
   * @throws E_IMAGE_NOT_FOUND, E_PLATFORM, E_REG_… and the like, and what a malformed image gives
   */
  async resolve(name: string, platform: Platform, location: SourceLocation): Promise<BaseImage> {
    let found: FoundImage
    try {
      found = await this.#find(name, platform, location)
    } catch (error) {
      throw withLocation(error, location)
    }
    const { descriptor, manifest, config } = found
    if (config.rootfs.diff_ids.length !== manifest.layers.length) {
      throw withLocation(layerCountError(config.rootfs.diff_ids.length, manifest.layers.length), location)
    }
    this.#images.set(descriptor.digest, found)
    const reference = found.reference ?? named(name, descriptor.digest)
    return { id: descriptor.digest, config, ...(reference && { pulledFrom: reference.toString() }) }
  }

  /** The layers of a resolved image; its tree is read when something asks for it. */
  fileSystem(image: BaseImage, environment: StepEnvironment): Promise<FileSystem> {
    const made = this.#fileSystems.get(environment) ?? new Map<string, Promise<FileSystem>>()
    this.#fileSystems.set(environment, made)
    const fileSystem = made.get(image.id) ?? this.#stack(image, `from-${made.size}`, environment)
    made.set(image.id, fileSystem)
    return fileSystem
  }

  async #stack(image: BaseImage, step: string, environment: StepEnvironment): Promise<FileSystem> {
    const { manifest, reference, origin: layout } = this.#images.get(image.id)!
    const documents = { manifest, config: image.config }
    if (reference === undefined) return baseFileSystem(documents, layout, environment)
    const registry = this.#mayAsk() ? await this.#wires.registry?.() : undefined
    const layers = manifest.layers.map((descriptor, index) => {
      return { descriptor, diffId: parseDigest(image.config.rootfs.diff_ids[index]) }
    })
    const fetches = new LayerFetches({ reference, layers, step, ...(registry && { registry }) }, environment)
    const origin: LayerOrigin = {
      fetchBlob: () => fetches.blobs(),
      fetchContent: () => fetches.contents(),
      ...(registry && { repository: `${reference.domain}/${reference.path}` }),
    }
    return baseFileSystem(documents, origin, environment)
  }

  async #find(name: string, platform: Platform, location: SourceLocation): Promise<FoundImage> {
    const { buildContexts, pull = 'newer' } = this.#options
    const named = buildContexts?.[name]
    if (named?.kind === 'oci-layout') return this.#fromLayout(named, platform)
    const { reference, known } = await this.#lookUp(named?.kind === 'image' ? named.reference : name)
    const distant = this.#mayAsk() ? this.#distant : undefined
    if (distant === undefined) {
      const found = known && (await this.#fromStore(reference, known, platform))
      if (found === undefined) throw this.#notFound(reference)
      return found
    }
    if (known !== undefined && pull !== 'always' && (known.isOwn || pull === 'missing')) {
      const found = await this.#fromStore(reference, known, platform)
      // The name stands for this image, of which the registry has the rest.
      return found ?? distant.resolve(withDigest(reference, known.root.digest), platform)
    }
    try {
      return await distant.resolve(reference, platform)
    } catch (error) {
      const isNetwork = isCooperageError(error) && error.category === 'network'
      if (known === undefined || pull === 'always' || !isNetwork || this.#wires.signal.aborted) throw error
      const found = await this.#fromStore(reference, known, platform)
      if (found === undefined) throw error
      const message = `${reference.familiar} could not be asked for, so what the store has of it is used: ${error.message}`
      this.#wires.emit({ type: 'warning', rule: 'BaseImageNotChecked', message, location, at: Date.now() })
      return found
    }
  }

  /** The reference that a name means, and what the store knows of it. A name that was given here comes before an alias. */
  async #lookUp(
    name: string,
  ): Promise<{ readonly reference: Reference; readonly known: KnownImage | undefined }> {
    const reference = withDefaultTag(parseReference(name))
    const known = await this.#look(reference)
    const { registry } = this.#wires
    if (known?.isOwn === true || registry === undefined) return { reference, known }
    const { aliases } = await registry()
    const expanded = aliases === undefined ? name : expandShortName(name, aliases)
    if (expanded === name) return { reference, known }
    const meant = withDefaultTag(parseReference(expanded))
    return { reference: meant, known: await this.#look(meant) }
  }

  #look(reference: Reference): Promise<KnownImage | undefined> {
    const key = reference.toString()
    const looked = this.#known.get(key) ?? knownImage(reference, this.#options.store)
    this.#known.set(key, looked)
    return looked
  }

  /** Undefined when the store lacks a document of an image that a registry has. */
  async #fromStore(
    reference: Reference,
    { root, isOwn }: KnownImage,
    platform: Platform,
  ): Promise<FoundImage | undefined> {
    // A digest means the same image everywhere; what a tag was given to here is nowhere else.
    const isElsewhere = !isOwn || reference.digest !== undefined
    try {
      const documents = await readImageDocuments(root, platform, this.#options)
      return { ...documents, ...(isElsewhere && { reference: withDigest(reference, root.digest) }) }
    } catch (error) {
      const isMissing = isCooperageError(error) && ['E_BLOB_MISSING', 'E_STORE_CORRUPT'].includes(error.code)
      if (isMissing && isElsewhere && this.#mayAsk()) return undefined
      throw error
    }
  }

  #mayAsk(): boolean {
    return this.#wires.registry !== undefined && this.#options.pull !== 'never'
  }

  async #fromLayout(
    named: { readonly path: string; readonly reference?: string },
    platform: Platform,
  ): Promise<FoundImage> {
    const { store } = this.#options
    const { signal } = this.#wires
    const layout = await openOciLayout(named.path)
    const { descriptor } = layout.resolve(named.reference)
    const bring = (wanted: Descriptor, ending: AbortSignal) =>
      layout.fetchBlob(wanted, { store: store.blobs, signal: ending })
    const documents = await readImageDocuments(descriptor, platform, {
      store,
      obtain: (wanted) => bring(wanted, signal),
    })
    return { ...documents, origin: { fetchBlob: bring } }
  }

  #notFound(reference: Reference): CooperageError {
    const hint =
      this.#wires.registry === undefined
        ? 'no registry is asked: load a saved image with "cooper load", or give an OCI layout with --build-context'
        : 'bring it into the store with "cooper pull", or build without --pull=never'
    return new CooperageError('E_IMAGE_NOT_FOUND', `the image ${reference.familiar} is not in the store`, {
      hint,
      data: { reference: reference.toString() },
    })
  }
}

/** What stands in for the reference of an image that has none: its name here, with the digest. */
function named(name: string, digest: string): Reference | undefined {
  try {
    return withDigest(parseReference(name), digest)
  } catch (error) {
    if (isCooperageError(error)) return undefined
    throw error
  }
}
