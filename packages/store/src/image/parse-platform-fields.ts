import type { JsonCursor } from './json-cursor.js'
import type { Platform } from './types.js'

/**
 * The `platform` of a descriptor, as written: not normalised. Undefined for one that names nothing, as `{}`, which
 * tools that fill in no member leave behind.
 */
export function parsePlatformFields(at: JsonCursor): Platform | undefined {
  const version = at.member('os.version')
  const features = at.member('os.features')
  const variant = at.member('variant')
  const names = [at.member('architecture'), at.member('os')]
  if (names.every((name) => !name.present || name.string() === '')) return undefined
  return {
    architecture: at.member('architecture').string(),
    os: at.member('os').string(),
    ...(version.present && { 'os.version': version.string() }),
    ...(features.present && { 'os.features': features.strings() }),
    ...(variant.present && variant.string() !== '' && { variant: variant.string() }),
  }
}
