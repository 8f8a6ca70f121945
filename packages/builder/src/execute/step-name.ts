import type { PlannedStage } from '../plan/plan.js'

/** `[build 2/5] COPY . /app`: as BuildKit counts, a base image is a step of its stage, and WORKDIR is one too. */
export function stepName(
  plan: PlannedStage,
  step: {
    readonly index: number
    readonly text: string
    readonly isOnlyStage: boolean
    /** Of a build for several. */
    readonly platform?: string | undefined
  },
): string {
  const from = plan.base.kind === 'image' ? 1 : 0
  const total = plan.operations.length + from
  const stage = plan.name !== '' ? `${plan.name} ` : step.isOnlyStage ? '' : `stage-${plan.index} `
  const position = String(step.index + 1 + from).padStart(String(total).length)
  const platform = step.platform === undefined ? '' : `${step.platform} `
  return `[${platform}${stage}${position}/${total}] ${step.text}`
}
