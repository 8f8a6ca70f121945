import type { Digest, Platform } from '@cooperage/store'
import type { StepId } from '../events.js'
import type { FileSystem } from './file-system.js'
import type { StepEnvironment } from './step-environment.js'

export interface StepContext {
  readonly environment: StepEnvironment
  readonly step: StepId
  /** False with `--no-cache`: nothing is looked up, what is made is still remembered. */
  readonly useCache: boolean
  /** Of the stage: what its processes run on. */
  readonly platform: Platform
}

/** The stage's file system after a step, and how it came about. */
export interface StepOutcome {
  readonly fileSystem: FileSystem
  readonly diffId: Digest
  readonly cached: boolean
  /** RFC 3339: when the layer was made, possibly by an earlier build. */
  readonly created: string
  /** Where its layer comes from, when that is a context as a whole: `local source for app`. */
  readonly note?: string
}
