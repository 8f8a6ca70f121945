import type { JsonCursor } from './json-cursor.js'
import type { Platform } from './types.js'

/** The `platform` of a descriptor, as written: not normalised. */
export function parsePlatformFields(at: JsonCursor): Platform {
  const version = at.member('os.version')
  const features = at.member('os.features')
  const variant = at.member('variant')
  return {
    architecture: at.member('architecture').string(),
    os: at.member('os').string(),
    ...(version.present && { 'os.version': version.string() }),
    ...(features.present && { 'os.features': features.strings() }),
    ...(variant.present && variant.string() !== '' && { variant: variant.string() }),
  }
}
