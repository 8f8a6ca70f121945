import type { Platform, SourceLocation } from '@cooperage/store'
import type { IgnoreMatcher } from '../context/ignore/create-ignore-matcher.js'
import type { Checks } from '../lint/checks.js'
import type { BaseImage } from './plan.js'

/**
 * Finds a base image and its config. `name` is a key of `namedContexts` with kind `image`, else a name as the
 * Dockerfile has it, expanded and of valid form. Called once for each name and platform that needed stages use, for
 * several at a time.
 */
export type ResolveImage = (name: string, platform: Platform, location: SourceLocation) => Promise<BaseImage>

/** Everything a graph of stages depends on; no image is looked at. */
export interface GraphOptions {
  /** Name of the stage to build, in any case; the last one when absent. */
  readonly target?: string
  readonly buildArgs?: Readonly<Record<string, string>>
  /** What the image is for. When absent it is `buildPlatform`, and a base image of another one is taken as it is. */
  readonly platform?: Platform
  /** What the build runs on. */
  readonly buildPlatform: Platform
  /** Contexts given by name; one with the name of a stage or an image replaces it. */
  readonly namedContexts?: ReadonlyMap<string, NamedContextKind>
  /**
   * What SOURCE_DATE_EPOCH came to, in seconds since 1970, in place of the name of a context or stage; null when that
   * has no time.
   */
  readonly sourceDateEpoch?: number | null
}

export interface PlanOptions extends GraphOptions {
  /** Labels of the command line: they win over those of the Dockerfile, in the target stage. */
  readonly labels?: Readonly<Record<string, string>>
  readonly resolveImage: ResolveImage
  readonly signal?: AbortSignal
  /** Takes what the checks find. */
  readonly checks?: Checks
  /** The ignore file of the build context, for the checks; asked for when something is copied out of it. */
  readonly ignore?: () => Promise<IgnoreMatcher | undefined>
  /** Without a target, evaluate also the stages that the last one does not need. */
  readonly allStages?: boolean
}

export type NamedContextKind = 'directory' | 'image'
