import type { ContainerMount } from '../sandbox/container.js'
import type { WantedTarget } from './place-targets.js'

/** A mount that is ready: everything it needs is there, and only its place in the image is open. */
export interface PreparedMount {
  readonly wanted: WantedTarget
  /** `mode`: of the directory of the image that is covered, when there is one. */
  at(target: string, mode?: number): ContainerMount
}
