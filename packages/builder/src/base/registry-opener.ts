import type { BuildOptions } from '../build-options.js'
import type { BuildRegistry } from './base-image-options.js'

/** Gives the registry of a build, opened when it is first needed. */
export type RegistryOpener = () => Promise<BuildRegistry>

/** Undefined for a build that speaks to none. */
export function registryOpener({ registry }: Pick<BuildOptions, 'registry'>): RegistryOpener | undefined {
  if (registry === undefined) return undefined
  let opened: Promise<BuildRegistry> | undefined
  return () => {
    opened ??= typeof registry === 'function' ? registry() : Promise.resolve(registry)
    return opened
  }
}
