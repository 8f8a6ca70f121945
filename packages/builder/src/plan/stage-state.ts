import type { Platform } from '@cooperage/store'
import type { ArgInScope, Effect, PlainConfig } from '../steps/effect.js'
import type { Budget } from './budget.js'
import type { Environment } from './environment.js'
import type { Operation, PlannedHistory } from './plan.js'
import { platformLabel } from './platform-label.js'

/** A stage while its instructions are evaluated, one after the other. */
export interface StageState {
  config: PlainConfig
  readonly env: Environment
  readonly labels: Map<string, string>
  readonly ports: Set<string>
  readonly volumes: Set<string>
  readonly triggers: string[]
  author: string | undefined
  /** Platform that the image says it has. */
  readonly image: Platform
  /** ENV and ARG as words see them. */
  readonly variables: Map<string, string>
  readonly args: ArgInScope[]
  /** Names of `args`. */
  readonly argNames: Set<string>
  readonly operations: Operation[]
  /** For each operation, its instruction with the words replaced. */
  readonly vertices: string[]
  readonly platformLabels: string[]
  readonly history: PlannedHistory[]
  /** True when this very stage has a CMD. */
  cmdSet: boolean
  /** True when a WORKDIR of this file is behind it: in this stage, or in one that it starts from. */
  workdirSet: boolean
  /** False when the stage starts from an image that nobody knows, whose variables may be any. */
  readonly baseKnown: boolean
}

/**
 * Changes the stage as an instruction says.
 * @throws E_LIMIT
 */
export function applyEffect(
  state: StageState,
  effect: Effect,
  stage: { readonly budget: Budget; readonly platform: Platform; readonly vertex: string },
): void {
  stage.budget.spend(sizeOf(effect))
  if (effect.config !== undefined) {
    const merged = Object.entries({ ...state.config, ...effect.config })
    if (effect.config.WorkingDir !== undefined) state.workdirSet = true
    state.config = Object.fromEntries(merged.filter(([, value]) => value !== undefined))
  }
  if (effect.author !== undefined) state.author = effect.author
  for (const [name, value] of effect.env ?? []) {
    state.env.set(name, value)
    setLast(state.variables, name, value)
  }
  for (const [name, value] of effect.variables ?? []) setLast(state.variables, name, value)
  for (const [name, value] of effect.labels ?? []) state.labels.set(name, value)
  for (const port of effect.ports ?? []) state.ports.add(port)
  for (const volume of effect.volumes ?? []) state.volumes.add(volume)
  if (effect.trigger !== undefined) state.triggers.push(effect.trigger)
  for (const arg of effect.args ?? []) {
    state.args.push(arg)
    state.argNames.add(arg.key)
  }
  if (effect.setsCmd) state.cmdSet = true
  if (effect.operation !== undefined) {
    state.operations.push(effect.operation)
    stage.budget.spend(stage.vertex.length)
    state.vertices.push(stage.vertex)
    state.platformLabels.push(platformLabel(stage.platform, state.variables))
  }
  if (effect.history === undefined) return
  state.history.push({
    createdBy: effect.history,
    ...(effect.operation !== undefined && { operation: state.operations.length - 1 }),
  })
}

/** A RUN sees its environment in the order in which each name was set last. */
export function setLast(variables: Map<string, string>, name: string, value: string): void {
  variables.delete(name)
  variables.set(name, value)
}

function sizeOf({ history = '', operation }: Effect): number {
  const env = operation?.kind === 'run' ? operation.env : []
  return env.reduce((sum, entry) => sum + entry.length, history.length)
}
