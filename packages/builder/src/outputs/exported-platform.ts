import type { ImageConfig, Platform } from '@cooperage/store'

/**
 * The platform under which an index names an image: the one that was asked for, and for Windows the version of the
 * system too, which the base knows and the person rarely writes.
 */
export function exportedPlatform(asked: Platform, config: ImageConfig): Platform {
  if (asked.os !== 'windows' || config.os !== asked.os) return asked
  const version = asked['os.version'] ?? config['os.version']
  const features = asked['os.features'] ?? config['os.features']
  return {
    ...asked,
    ...(version !== undefined && { 'os.version': version }),
    ...(features !== undefined && { 'os.features': features }),
  }
}
