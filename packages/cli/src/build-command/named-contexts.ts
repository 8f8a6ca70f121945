import { type NamedContext, remoteKind } from '@cooperage/builder'
import { CooperageError } from '@cooperage/store/errors'
import { fullName } from '../images/full-name.js'
import { namedValues } from './pairs.js'

const SCHEME = /^([a-z][a-z0-9+.-]*):\/\//
const LAYOUT = 'oci-layout://'
const IMAGE = 'docker-image://'

/** `NAME=PATH`, `NAME=URL`, `NAME=docker-image://IMAGE` or `NAME=oci-layout://PATH[:TAG|@DIGEST]` of every `--build-context`. @throws E_CLI */
export function namedContexts(texts: readonly string[]): Record<string, NamedContext> {
  const pairs = Object.entries(namedValues('build-context', texts))
  return Object.fromEntries(pairs.map(([name, place]) => [name.toLowerCase(), namedContext(name, place)]))
}

function namedContext(name: string, place: string): NamedContext {
  if (place === '') throw new CooperageError('E_CLI', `--build-context ${name} names no place`)
  if (place.startsWith(LAYOUT)) return layout(name, place.slice(LAYOUT.length))
  if (place.startsWith(IMAGE)) {
    const reference = place.slice(IMAGE.length)
    fullName(reference)
    return { kind: 'image', reference }
  }
  if (remoteKind(place) !== undefined) return { kind: 'remote', url: place }
  const scheme = SCHEME.exec(place)?.[1]
  if (scheme === undefined) return { kind: 'directory', path: place }
  throw new CooperageError('E_CLI', `--build-context ${name}: ${scheme}:// is not served yet`, {
    hint: 'name a folder, a URL, a git repository, docker-image://NAME, or the folder of an OCI layout as oci-layout://PATH:TAG',
  })
}

function layout(name: string, place: string): NamedContext {
  const at = place.indexOf('@')
  // A colon in a folder's name is not the one before the tag.
  const colon = at === -1 ? place.indexOf(':', place.lastIndexOf('/') + 1) : -1
  const end = at === -1 ? colon : at
  const path = end === -1 ? place : place.slice(0, end)
  const reference = end === -1 ? '' : place.slice(end + 1)
  if (path === '') throw new CooperageError('E_CLI', `--build-context ${name} names no folder`)
  return { kind: 'oci-layout', path, ...(reference === '' ? {} : { reference }) }
}
