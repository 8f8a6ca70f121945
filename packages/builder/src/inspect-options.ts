import type { ImageConfig, Platform } from '@cooperage/store'
import type { IgnoreMatcher } from './context/ignore/create-ignore-matcher.js'
import type { NamedContextKind } from './plan/plan-options.js'

/** What is known beside the text when a Dockerfile is looked at and not built. */
export interface InspectOptions {
  /** Name of the file in messages; default `Dockerfile`. */
  readonly name?: string
  /** Only this stage and what it needs; default all stages. */
  readonly target?: string
  readonly buildArgs?: Readonly<Record<string, string>>
  /** What the image is for; default `buildPlatform`. */
  readonly platform?: Platform
  /** What the build would run on; default this machine. */
  readonly buildPlatform?: Platform
  readonly namedContexts?: ReadonlyMap<string, NamedContextKind>
  /** The ignore file of the build context, asked for when something is copied out of it: what it hides is reported. */
  readonly ignore?: () => Promise<IgnoreMatcher | undefined>
  /**
   * The config of a base image, undefined when it is not at hand. What depends on it is then not judged; without
   * this function no image is.
   */
  readonly findImage?: (name: string, platform: Platform) => Promise<ImageConfig | undefined>
  readonly signal?: AbortSignal
}
