import { typedReference } from './typed-reference.js'

/** The name under which the store keeps an image: `app` is `docker.io/library/app:latest`. @throws E_REF */
export function fullName(text: string): string {
  return typedReference(text).toString()
}
