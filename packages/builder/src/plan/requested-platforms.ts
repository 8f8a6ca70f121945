import { CooperageError, defaultPlatform, type Platform, parsePlatform } from '@cooperage/store'
import type { BuildOptions } from '../build-options.js'
import type { PlanWarning } from './plan.js'
import { formatPlatform } from './platform.js'

/** For which platforms a build makes images, and in what form they are handed out. */
export interface RequestedPlatforms {
  /** In the order asked for, as in BuildKit also when one is named twice. `undefined`, alone: nobody asked, the platform is that of the machine. */
  readonly list: readonly (Platform | undefined)[]
  /** True: the result is an index, or a directory for each platform, even when there is only one. */
  readonly isMulti: boolean
  readonly warnings: readonly PlanWarning[]
}

/**
 * Reads `platform`, `platforms` and the build argument BUILDKIT_MULTI_PLATFORM.
 * @throws E_PLATFORM
 */
export function requestedPlatforms(
  options: Pick<BuildOptions, 'platform' | 'platforms' | 'buildArgs'>,
): RequestedPlatforms {
  const { platform, platforms, buildArgs } = options
  if (platform !== undefined && platforms !== undefined) {
    throw new CooperageError('E_PLATFORM', 'both platform and platforms are given', {
      hint: 'name all of them in platforms',
    })
  }
  const texts = platforms ?? (platform === undefined ? [] : [platform])
  const list = texts.map(platformOf)
  const isMulti = isMultiPlatform(buildArgs?.BUILDKIT_MULTI_PLATFORM, list.length > 1)
  const seen = new Set<string>()
  const warnings: PlanWarning[] = []
  for (const [index, one] of list.entries()) {
    const name = formatPlatform(one)
    if (seen.has(name)) {
      const message = `Duplicate platform result requested ${JSON.stringify(texts[index])}`
      warnings.push({ rule: 'DuplicatePlatform', message })
    }
    seen.add(name)
  }
  return { list: list.length === 0 ? [undefined] : list, isMulti, warnings }
}

/** buildx calls the platform of this machine `local`. */
function platformOf(text: string): Platform {
  return text.toLowerCase() === 'local' ? defaultPlatform() : parsePlatform(text)
}

/** The argument as Go reads a truth value. */
function isMultiPlatform(text: string | undefined, areSeveral: boolean): boolean {
  if (text === undefined || text === '') return areSeveral
  if (/^(?:1|t|T|TRUE|true|True)$/.test(text)) return true
  if (!/^(?:0|f|F|FALSE|false|False)$/.test(text)) {
    throw new CooperageError('E_PLATFORM', `invalid boolean value for multi-platform: ${text}`, {
      hint: 'BUILDKIT_MULTI_PLATFORM is 1 or 0',
    })
  }
  if (!areSeveral) return false
  throw new CooperageError(
    'E_PLATFORM',
    'conflicting config: returning multiple target platforms is not allowed',
    { hint: 'leave BUILDKIT_MULTI_PLATFORM=0 out, or ask for one platform' },
  )
}
