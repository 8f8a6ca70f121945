import type { DockerfileOutline, OutlineMount } from '@cooperage/builder'
import { locationJson } from './check.js'
import { escapeLine } from './escape.js'
import { table } from './table.js'

/** What the target takes from outside, a table for each kind of thing. */
export function outlineText({ name, description, args, secrets, ssh }: DockerfileOutline): string {
  const head = [
    `TARGET:      ${escapeLine(name || '(default)')}`,
    ...(description === '' ? [] : [`DESCRIPTION: ${escapeLine(description)}`]),
  ]
  const rows = args.map((arg) => [arg.name, arg.value ?? '', arg.description])
  return [
    `${head.join('\n')}\n`,
    ...(rows.length > 0 ? [table(['BUILD ARG', 'VALUE', 'DESCRIPTION'], rows)] : []),
    ...(secrets.length > 0 ? [mounts('SECRET', secrets)] : []),
    ...(ssh.length > 0 ? [mounts('SSH', ssh)] : []),
  ].join('\n')
}

/** The same in the form of BuildKit's `frontend.outline` answer. */
export function outlineJson({ name, description, args, secrets, ssh, caches }: DockerfileOutline): string {
  const named = ({ id, required, location }: OutlineMount) => ({
    name: id,
    ...(required && { required }),
    location: locationJson(location),
  })
  const outline = {
    ...(name !== '' && { name }),
    ...(description !== '' && { description }),
    ...(args.length > 0 && {
      args: args.map(({ location, description: text, ...arg }) => ({
        ...arg,
        ...(text !== '' && { description: text }),
        location: locationJson(location),
      })),
    }),
    ...(secrets.length > 0 && { secrets: secrets.map(named) }),
    ...(ssh.length > 0 && { ssh: ssh.map(named) }),
    ...(caches.length > 0 && {
      cache: caches.map(({ id, location }) => ({ ID: id, location: locationJson(location) })),
    }),
  }
  return `${JSON.stringify(outline, undefined, 2)}\n`
}

function mounts(heading: string, found: readonly OutlineMount[]): string {
  return table(
    [heading, 'REQUIRED'],
    found.map(({ id, required }) => [id, required ? 'true' : '']),
  )
}
