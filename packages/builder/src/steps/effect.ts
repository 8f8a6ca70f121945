import type { ContainerConfig } from '@cooperage/store'
import type { Operation } from '../plan/plan.js'

/** An ARG that a stage has declared. */
export interface ArgInScope {
  readonly key: string
  /** Absent when it has neither default nor build argument. */
  readonly value?: string
}

/** The fields of the container config that an instruction replaces as a whole. */
export type PlainConfig = Pick<
  ContainerConfig,
  'User' | 'Entrypoint' | 'Cmd' | 'WorkingDir' | 'StopSignal' | 'ArgsEscaped' | 'Healthcheck' | 'Shell'
>

/** Fields to replace; `undefined` removes one. */
export type ConfigChange = { readonly [K in keyof PlainConfig]?: PlainConfig[K] | undefined }

type Pairs = readonly (readonly [name: string, value: string])[]

/** What one instruction does to its stage. Absent fields change nothing. */
export interface Effect {
  readonly config?: ConfigChange
  readonly author?: string
  /** Added to the environment of the image, and seen by later words. */
  readonly env?: Pairs
  readonly labels?: Pairs
  /** `80/tcp`. */
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
  /** A trigger of ONBUILD. */
  readonly trigger?: string
  /** Variables that later words, and later RUNs, see, and that are not part of the image. */
  readonly variables?: Pairs
  readonly args?: readonly ArgInScope[]
  readonly operation?: Operation
  /** Text of the history entry; it owns a layer when there is an `operation`. ONBUILD writes none. */
  readonly history?: string
  /** A CMD of this stage survives a later ENTRYPOINT; an inherited one does not. */
  readonly setsCmd?: boolean
}
