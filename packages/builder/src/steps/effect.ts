import type { ContainerConfig } from '@cooperage/store'
import type { Operation } from '../plan/plan.js'

/** An ARG that a stage has declared. */
export interface ArgInScope {
  readonly key: string
  /** Absent when it has neither default nor build argument. */
  readonly value?: string
}

/** Fields of the container config to replace; `undefined` removes one. */
export type ConfigChange = { readonly [K in keyof ContainerConfig]?: ContainerConfig[K] | undefined }

/** What one instruction does to its stage. Absent fields change nothing. */
export interface Effect {
  readonly config?: ConfigChange
  readonly author?: string
  /** Variables that later words, and later RUNs, see. */
  readonly variables?: readonly (readonly [name: string, value: string])[]
  readonly args?: readonly ArgInScope[]
  readonly operation?: Operation
  /** Text of the history entry; it owns a layer when there is an `operation`. ONBUILD writes none. */
  readonly history?: string
  /** A CMD of this stage survives a later ENTRYPOINT; an inherited one does not. */
  readonly setsCmd?: boolean
}
