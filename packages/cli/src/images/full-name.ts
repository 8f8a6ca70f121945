import { parseReference, withDefaultTag } from '@cooperage/store'
import { CooperageError, isCooperageError } from '@cooperage/store/errors'

/** The name under which the store keeps an image: `app` is `docker.io/library/app:latest`. @throws E_REF */
export function fullName(text: string): string {
  try {
    return withDefaultTag(parseReference(text)).toString()
  } catch (cause) {
    if (!isCooperageError(cause)) throw cause
    throw new CooperageError(cause.code, `not a name of an image: ${JSON.stringify(text.slice(0, 300))}`, {
      cause,
      data: cause.data,
      ...(cause.hint === undefined ? {} : { hint: cause.hint }),
    })
  }
}
