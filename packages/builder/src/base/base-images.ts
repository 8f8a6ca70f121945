import {
  CooperageError,
  type Descriptor,
  type Digest,
  isIndexType,
  type Manifest,
  matchPlatform,
  openOciLayout,
  type Platform,
  parseConfig,
  parseDigest,
  parseIndex,
  parseManifest,
  parseReference,
  type SourceLocation,
  withDefaultTag,
} from '@cooperage/store'
import type { BuildOptions } from '../build-options.js'
import { FileSystem, type StageLayer } from '../execute/file-system.js'
import { loadLayer } from '../execute/load-layer.js'
import type { StepEnvironment } from '../execute/step-environment.js'
import type { BaseImage } from '../plan/plan.js'

const JSON_LIMIT = 4 << 20
const MAX_NESTING = 8

/** Base images of one build: named contexts that are OCI layouts, and images of the store. */
export class BaseImages {
  readonly #options: BuildOptions
  readonly #manifests = new Map<string, Manifest>()
  readonly #fileSystems = new Map<string, FileSystem>()

  constructor(options: BuildOptions) {
    this.#options = options
  }

  /** Finds an image and reads its config. @throws E_IMAGE_NOT_FOUND, E_PLATFORM, and what a malformed image gives. */
  async resolve(name: string, platform: Platform, location: SourceLocation): Promise<BaseImage> {
    const named = this.#options.buildContexts?.[name]
    const root =
      named?.kind === 'oci-layout' ? await this.#fromLayout(named) : await this.#fromStore(name, location)
    const descriptor = await this.#chooseImage(root, platform)
    const manifest = parseManifest(await this.#read(descriptor))
    const config = parseConfig(await this.#read(manifest.config))
    if (config.rootfs.diff_ids.length !== manifest.layers.length) {
      const found = `${config.rootfs.diff_ids.length} diff_ids for ${manifest.layers.length} layers`
      throw new CooperageError('E_DIFFID', `the image ${name} contradicts itself: ${found}`, { location })
    }
    this.#manifests.set(descriptor.digest, manifest)
    return { id: descriptor.digest, config }
  }

  /** The layers of a resolved image; its tree is read when something asks for it. */
  fileSystem(image: BaseImage, environment: StepEnvironment): Promise<FileSystem> {
    const known = this.#fileSystems.get(image.id)
    if (known !== undefined) return Promise.resolve(known)
    const manifest = this.#manifests.get(image.id)!
    const form = image.config.os === 'windows' ? 'windows' : 'plain'
    const { store, signal } = environment
    let fileSystem = FileSystem.empty(form)
    for (const [index, descriptor] of manifest.layers.entries()) {
      const diffId = parseDigest(image.config.rootfs.diff_ids[index])
      const below = fileSystem
      const layer: StageLayer = { diffId, descriptor }
      fileSystem = below.with(layer, async () =>
        loadLayer(await below.tree(), layer, { store, signal, form }),
      )
    }
    this.#fileSystems.set(image.id, fileSystem)
    return Promise.resolve(fileSystem)
  }

  async #fromLayout(named: { readonly path: string; readonly reference?: string }): Promise<Descriptor> {
    const layout = await openOciLayout(named.path)
    const image = layout.resolve(named.reference)
    const { signal } = this.#options
    await layout.import({ store: this.#options.store.blobs, ...(signal !== undefined && { signal }) }, image)
    return image.descriptor
  }

  async #fromStore(name: string, location: SourceLocation): Promise<Descriptor> {
    const reference = withDefaultTag(parseReference(name))
    const found = await this.#options.store.refs.get(reference.toString())
    if (found !== undefined) return found.descriptor
    throw new CooperageError('E_IMAGE_NOT_FOUND', `the image ${reference.familiar} is not in the store`, {
      hint:
        'this version does not pull from registries: load a saved image with "cooper load", or give an OCI layout ' +
        `with --build-context ${name}=oci-layout://PATH`,
      location,
      data: { reference: reference.toString() },
    })
  }

  async #chooseImage(root: Descriptor, platform: Platform): Promise<Descriptor> {
    let descriptor = root
    for (let depth = 0; isIndexType(descriptor.mediaType); depth++) {
      if (depth > MAX_NESTING)
        throw new CooperageError('E_LIMIT', `more than ${MAX_NESTING} indexes within each other`)
      descriptor = matchPlatform(parseIndex(await this.#read(descriptor)).manifests, platform)
    }
    return descriptor
  }

  #read(descriptor: Descriptor): Promise<Uint8Array> {
    const digest: Digest = parseDigest(descriptor.digest)
    return this.#options.store.blobs.readAll(digest, JSON_LIMIT)
  }
}
