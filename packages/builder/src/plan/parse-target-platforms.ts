import { CooperageError, type Platform } from '@cooperage/store'
import { parsePlatform } from './platform.js'

/**
 * The platforms of an option such as `linux/amd64,linux/arm64`; what an entry leaves out comes from `host`.
 * @throws E_PLATFORM
 */
export function parseTargetPlatforms(text: string, host: Platform): Platform[] {
  return text.split(',').map((entry) => {
    const platform = parsePlatform(entry.trim(), host)
    if (typeof platform !== 'string') return platform
    throw new CooperageError('E_PLATFORM', `failed to parse target platform ${entry}: ${platform}`, {
      hint: 'write os/architecture, such as linux/arm64 or linux/arm/v7',
      data: { platform: entry },
    })
  })
}
