import { parseReference, type Reference, withDefaultTag } from '@cooperage/store'
import { CooperageError, isCooperageError } from '@cooperage/store/errors'

/** The reference that a name means, with a tag or a digest; `typed` is what the error shows. @throws E_REF */
export function typedReference(name: string, typed: string = name): Reference {
  try {
    return withDefaultTag(parseReference(name))
  } catch (cause) {
    if (!isCooperageError(cause)) throw cause
    throw new CooperageError(cause.code, `not a name of an image: ${JSON.stringify(typed.slice(0, 300))}`, {
      cause,
      data: cause.data,
      ...(cause.hint === undefined ? {} : { hint: cause.hint }),
    })
  }
}
