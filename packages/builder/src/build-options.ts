import type { Descriptor, Digest, ImageConfig, Platform, Store } from '@cooperage/store'
import type { BuildRegistry, PullPolicy } from './base/base-image-options.js'
import type { CacheSource, CacheTarget } from './cache/shared/cache-option.js'
import type { ContextSource } from './context/source.js'
import type { Annotations } from './outputs/annotations.js'
import type { OutputSpec } from './outputs/output-spec.js'
import type { OutputResult } from './outputs/write-output.js'
import type { PlanWarning } from './plan/plan.js'
import type { RemoteOptions } from './remote/remote-options.js'
import type { RunOptions } from './run/run-options.js'
import type { Secret } from './secrets/secret.js'

export interface BuildOptions {
  readonly store: Store
  readonly context: ContextSource
  /** Path in the context (default `Dockerfile`), or the text itself. */
  readonly dockerfile?: string | DockerfileText
  /** A file of the context in the form of `.gitignore`; what it leaves out is left out beside what `.dockerignore` does. */
  readonly ignoreFrom?: string
  /** Name of the stage to build; default the last. */
  readonly target?: string
  readonly buildArgs?: Readonly<Record<string, string>>
  /** Labels that win over those of the Dockerfile. */
  readonly labels?: Readonly<Record<string, string>>
  /** `os/architecture[/variant]`; default this machine's. */
  readonly platform?: string
  /**
   * In place of `platform`. Of several the result is an index, with one image for each; so it is of one, with the
   * build argument BUILDKIT_MULTI_PLATFORM=1.
   */
  readonly platforms?: readonly string[]
  /** Contexts by name: for `COPY --from`, and in place of stages and images. */
  readonly buildContexts?: Readonly<Record<string, NamedContext>>
  /** True: no step is looked up. A list: not those of these stages. What is made is remembered in any case. */
  readonly noCache?: boolean | readonly string[]
  /** Names that the image gets in the store and in outputs. */
  readonly tags?: readonly string[]
  /** Annotations: of the manifests by their keys, or of any type. */
  readonly annotations?: Annotations
  readonly outputs?: readonly OutputSpec[]
  /** Seconds since 1970; also taken from the build argument SOURCE_DATE_EPOCH. */
  readonly sourceDateEpoch?: number
  /** Caches of other machines, asked in this order for steps that the store does not know. One that fails is a warning. */
  readonly cacheFrom?: readonly CacheSource[]
  /** Where the steps of this build are written for other machines. */
  readonly cacheTo?: readonly CacheTarget[]
  /**
   * Where base images come from that the store does not have, and where outputs and caches of registries are; a
   * function is called when something is asked for first. Default: only the store is looked at. The build does not
   * dispose the client.
   */
  readonly registry?: BuildRegistry | (() => Promise<BuildRegistry>)
  /** When the registry is asked for base images; default `newer`. */
  readonly pull?: PullPolicy
  /** How URLs and git repositories are reached. */
  readonly remote?: RemoteOptions
  /** By id: bytes, `secretFile(path)` or `secretEnv(value)`. None is in any key, layer, event or error. */
  readonly secrets?: Readonly<Record<string, Secret>>
  /** By id: the socket of an SSH agent, or files with private keys. Git uses `default`. */
  readonly ssh?: Readonly<Record<string, readonly string[]>>
  /** How RUN is run, and what it may do. */
  readonly run?: RunOptions
  readonly signal?: AbortSignal
  /** Stages at work at once; default 4. */
  readonly jobs?: number
}

export interface DockerfileText {
  readonly text: string | Uint8Array
  /** For messages; default `Dockerfile`. */
  readonly name?: string
}

export type NamedContext =
  | { readonly kind: 'directory'; readonly path: string }
  /** A git repository, or a URL, which gives one file called `context`. */
  | { readonly kind: 'remote'; readonly url: string }
  /** An image of the store or of a registry. */
  | { readonly kind: 'image'; readonly reference: string }
  /** An OCI image layout; `reference` is a tag or a digest, needed when it holds several images. */
  | { readonly kind: 'oci-layout'; readonly path: string; readonly reference?: string }

export interface BuildResult {
  /**
   * The manifest in the store, or the index of a build for several platforms: of the first output that is an image,
   * else one with uncompressed layers.
   */
  readonly descriptor: Descriptor
  /** Digest of the config, or of the index of a build for several platforms. */
  readonly imageId: Digest
  /** Of the image for the first platform. */
  readonly config: ImageConfig
  /** One for each platform, in the order asked for. */
  readonly images: readonly BuiltImageResult[]
  /** In full: `docker.io/library/app:latest`. */
  readonly tags: readonly string[]
  readonly outputs: readonly OutputResult[]
  readonly warnings: readonly PlanWarning[]
  readonly stats: BuildStats
}

/** The image for one platform. */
export interface BuiltImageResult {
  readonly platform: Platform
  /** Its manifest in the store. */
  readonly descriptor: Descriptor
  /** Digest of the config. */
  readonly imageId: Digest
  readonly config: ImageConfig
}

export interface BuildStats {
  /** Steps that make a layer, and how many of their layers were known. */
  readonly steps: number
  readonly cached: number
  /** Files whose content was read for its digest. An unchanged context reads none. */
  readonly filesRead: number
  readonly bytesRead: number
  /** What the context holds after `.dockerignore`. */
  readonly contextFiles: number
  readonly contextBytes: number
}
