import { randomUUID } from 'node:crypto'
import { type Digest, digestOf } from '../../digest.js'

/** A manifest as it was put. */
export interface StoredManifest {
  readonly bytes: Buffer
  readonly mediaType: string
}

/** An upload that has begun. */
export interface StoredUpload {
  readonly repository: string
  chunks: Buffer[]
  size: number
}

interface Repository {
  readonly blobs: Set<string>
  readonly manifests: Map<string, StoredManifest>
  readonly tags: Map<string, string>
}

/** All that a registry holds, in memory. */
export class RegistryStorage {
  readonly blobs: Map<string, Buffer> = new Map()
  readonly uploads: Map<string, StoredUpload> = new Map()
  readonly #repositories = new Map<string, Repository>()

  /** Makes the repository when it is missing. */
  repository(name: string): Repository {
    let found = this.#repositories.get(name)
    if (found === undefined) {
      found = { blobs: new Set(), manifests: new Map(), tags: new Map() }
      this.#repositories.set(name, found)
    }
    return found
  }

  has(name: string): boolean {
    return this.#repositories.has(name)
  }

  addBlob(name: string, bytes: Uint8Array, digest: string = digestOf(bytes)): Digest {
    this.blobs.set(digest, Buffer.from(bytes))
    this.repository(name).blobs.add(digest)
    return digest as Digest
  }

  blob(name: string, digest: string): Buffer | undefined {
    return this.#repositories.get(name)?.blobs.has(digest) ? this.blobs.get(digest) : undefined
  }

  /** Puts a manifest under its digest, and under a tag if one is given. */
  addManifest(name: string, manifest: StoredManifest, tag?: string): Digest {
    const digest = digestOf(manifest.bytes)
    const repository = this.repository(name)
    repository.manifests.set(digest, manifest)
    if (tag !== undefined) repository.tags.set(tag, digest)
    return digest
  }

  /** By tag or digest. */
  manifest(name: string, reference: string): (StoredManifest & { readonly digest: string }) | undefined {
    const repository = this.#repositories.get(name)
    const digest = repository?.tags.get(reference) ?? reference
    const found = repository?.manifests.get(digest)
    return found && { ...found, digest }
  }

  beginUpload(repository: string): string {
    const id = randomUUID()
    this.uploads.set(id, { repository, chunks: [], size: 0 })
    return id
  }
}
