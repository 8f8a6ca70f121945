import { type Digest, digestOf } from '@cooperage/store'
import type { CopySource, Operation, Plan, PlannedStage } from '../plan/plan.js'

/**
 * Names each stage of a plan by what its execution depends on. Plans of one Dockerfile for several platforms have
 * stages of the same name where the platform makes no difference, and those are executed once.
 */
export function stageIdentities(plan: Plan): ReadonlyMap<number, Digest> {
  const known = new Map<number, Digest>()
  const identity = (index: number): Digest => {
    const found = known.get(index)
    if (found !== undefined) return found
    const made = identityOf(plan.stages.get(index)!, identity)
    known.set(index, made)
    return made
  }
  for (const index of plan.stages.keys()) identity(index)
  return known
}

function identityOf(stage: PlannedStage, identity: (index: number) => Digest): Digest {
  const { base, operations } = stage
  const from = (source: CopySource | undefined) => {
    if (source?.kind === 'stage') return ['stage', identity(source.stage)]
    return source?.kind === 'image' ? ['image', source.image.id] : source
  }
  const start =
    base.kind === 'stage'
      ? ['stage', identity(base.stage)]
      : base.kind === 'image'
        ? ['image', base.image.id]
        : ['scratch']
  // A process sees what it runs on; files are the same everywhere.
  const platform = operations.some(({ kind }) => kind === 'run') ? stage.platform : undefined
  return digestOf(
    JSON.stringify([stage.index, start, platform, operations.map((operation) => described(operation, from))]),
  )
}

function described(operation: Operation, from: (source: CopySource | undefined) => unknown): unknown {
  switch (operation.kind) {
    case 'copy':
      return { ...operation, from: from(operation.from) }
    case 'run':
      return { ...operation, mounts: operation.mounts.map((mount) => ({ ...mount, from: from(mount.from) })) }
    default:
      return operation
  }
}
