import type { Platform, SourceLocation } from '@cooperage/store'
import type { BaseImage } from './plan.js'

/**
 * Finds a base image and its config. `name` is a key of `namedContexts` with kind `image`, else a name as the
 * Dockerfile has it, expanded and of valid form. Called once for each name and platform that needed stages use, for
 * several at a time.
 */
export type ResolveImage = (name: string, platform: Platform, location: SourceLocation) => Promise<BaseImage>

export interface PlanOptions {
  /** Name of the stage to build, in any case; the last one when absent. */
  readonly target?: string
  readonly buildArgs?: Readonly<Record<string, string>>
  /** Labels of the command line: they win over those of the Dockerfile, in the target stage. */
  readonly labels?: Readonly<Record<string, string>>
  /** What the image is for. When absent it is `buildPlatform`, and a base image of another one is taken as it is. */
  readonly platform?: Platform
  /** What the build runs on. */
  readonly buildPlatform: Platform
  readonly resolveImage: ResolveImage
  /** Contexts given by name; one with the name of a stage or an image replaces it. */
  readonly namedContexts?: ReadonlyMap<string, NamedContextKind>
  readonly signal?: AbortSignal
}

export type NamedContextKind = 'directory' | 'image'
