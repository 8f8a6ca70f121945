import { parseReference, withDefaultTag } from '@cooperage/store'

/** A tag as typed (`app`, `me/app:1`) to the name that all tools understand alike: `docker.io/library/app:latest`. */
export function fullName(tag: string): string {
  return withDefaultTag(parseReference(tag)).toString()
}
