import type { DockerfileTarget } from '@cooperage/builder'
import { locationJson } from './check.js'
import { table } from './table.js'

/** The stages that can be chosen, and the one that is built when none is. */
export function targetsText(targets: readonly DockerfileTarget[]): string {
  const rows = targets
    .filter(({ name, isDefault }) => name !== '' || isDefault)
    .map(({ name, isDefault, description }) => [
      [name, ...(isDefault ? ['(default)'] : [])].join(' ').trim(),
      description,
    ])
  return table(['TARGET', 'DESCRIPTION'], rows)
}

/** All stages, in the form of BuildKit's `frontend.targets` answer. */
export function targetsJson(targets: readonly DockerfileTarget[]): string {
  const list = targets.map(({ name, isDefault, description, base, platform, location }) => ({
    ...(name !== '' && { name }),
    ...(isDefault && { default: true }),
    ...(description !== '' && { description }),
    base,
    ...(platform !== '' && { platform }),
    location: locationJson(location),
  }))
  return `${JSON.stringify({ targets: list }, undefined, 2)}\n`
}
