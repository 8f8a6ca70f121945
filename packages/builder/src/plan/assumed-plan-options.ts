import { defaultPlatform } from '@cooperage/store'
import type { InspectOptions } from '../inspect-options.js'
import type { PlanOptions } from './plan-options.js'

/**
 * Options of a plan that is only looked at: an image that is not at hand is assumed to be an empty one, and its name
 * given to `onUnknown`.
 */
export function assumedPlanOptions(options: InspectOptions, onUnknown?: (name: string) => void): PlanOptions {
  const { target, buildArgs, platform, namedContexts, ignore, findImage, signal } = options
  return {
    buildPlatform: options.buildPlatform ?? defaultPlatform(),
    ...(target !== undefined && { target }),
    ...(buildArgs !== undefined && { buildArgs }),
    ...(platform !== undefined && { platform }),
    ...(namedContexts !== undefined && { namedContexts }),
    ...(ignore !== undefined && { ignore }),
    ...(signal !== undefined && { signal }),
    resolveImage: async (name, wanted) => {
      const config = await findImage?.(name, wanted)
      if (config !== undefined) return { id: name, config }
      onUnknown?.(name)
      const { os, architecture } = wanted
      const assumed = { os, architecture, config: {}, rootfs: { type: 'layers' as const, diff_ids: [] } }
      return { id: name, config: assumed, assumed: true }
    },
  }
}
