import { type Platform, parsePlatform } from '@cooperage/store'
import type { FlagValues } from '../flags/parse.js'

/** The platform that --platform asks for. @throws E_PLATFORM */
export function platformFlag(flags: FlagValues): Platform | undefined {
  const text = flags.text('platform')
  return text === undefined ? undefined : parsePlatform(text)
}
