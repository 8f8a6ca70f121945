import type { SourceLocation } from '@cooperage/store'
import type { StepEnvironment } from '../../execute/step-environment.js'
import type { Leases } from '../leases.js'
import type { FileAccess } from '../sandbox/file-access.js'
import type { BindSource } from './bind-source.js'

/** What making mounts ready needs to know of the step and its build. */
export interface MountContext {
  readonly environment: StepEnvironment
  readonly step: string
  readonly files: FileAccess
  /** Mounts are directories that are put in place: one cannot be in two places. */
  readonly isLent: boolean
  readonly location: SourceLocation
  /** A directory of this run alone; what is put there goes with it. */
  readonly scratch: string
  /** BUILDKIT_CACHE_MOUNT_NS. */
  readonly cacheNamespace: string
  readonly binds: readonly BindSource[]
  /** Given up when the run has ended, the last one first. */
  readonly leases: Leases
}
