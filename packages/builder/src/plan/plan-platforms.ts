import type { Platform } from '@cooperage/store'
import type { Dockerfile } from '../instructions/commands.js'
import type { Plan } from './plan.js'
import { planBuild } from './plan-build.js'
import type { PlanOptions } from './plan-options.js'
import { formatPlatform } from './platform.js'

/** The plans of a build for several platforms. */
export interface PlatformPlans {
  /** Each platform once. */
  readonly plans: readonly Plan[]
  /** For each platform asked for, the place of its plan in `plans`. */
  readonly places: readonly number[]
}

/**
 * Plans the build for each platform. As in BuildKit it is the first one that the checks look at.
 * @throws as `planBuild`; of several failures that of the first platform
 */
export async function planPlatforms(
  dockerfile: Dockerfile,
  platforms: readonly (Platform | undefined)[],
  { checks, ...options }: PlanOptions,
): Promise<PlatformPlans> {
  const names = platforms.map((platform) => (platform === undefined ? '' : formatPlatform(platform)))
  const unique = [...new Set(names)]
  const settled = await Promise.allSettled(
    unique.map((name, index) => {
      const platform = platforms[names.indexOf(name)]
      return planBuild(dockerfile, {
        ...options,
        ...(platform !== undefined && { platform }),
        ...(index === 0 && checks !== undefined && { checks }),
      })
    }),
  )
  const plans = settled.map((one) => {
    if (one.status === 'rejected') throw one.reason
    return one.value
  })
  return { plans, places: names.map((name) => unique.indexOf(name)) }
}
