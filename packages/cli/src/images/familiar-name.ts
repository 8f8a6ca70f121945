import { parseReference } from '@cooperage/store'
import { isCooperageError } from '@cooperage/store/errors'

/** A name of the store as docker shows it: `docker.io/library/app:1` is `app:1`. Any other name stays as it is. */
export function familiarName(name: string): string {
  try {
    return parseReference(name).familiar
  } catch (error) {
    if (isCooperageError(error)) return name
    throw error
  }
}

export interface NameParts {
  readonly repository: string
  /** Empty when the name has none. */
  readonly tag: string
}

/** `localhost:5000/app:1` is `localhost:5000/app` and `1`: a colon before the last `/` belongs to a port. */
export function splitName(name: string): NameParts {
  const at = name.indexOf('@')
  const body = at === -1 ? name : name.slice(0, at)
  const colon = body.indexOf(':', body.lastIndexOf('/') + 1)
  return colon === -1
    ? { repository: body, tag: '' }
    : { repository: body.slice(0, colon), tag: body.slice(colon + 1) }
}
