import { isCooperageError, parseReference, withDefaultTag } from '@cooperage/store'

/** A name of an image in full, with `:latest` where neither tag nor digest was written, or what is wrong with it. */
export type ImageName = { readonly reference: string } | { readonly error: string }

/** Completes the name of an image as Docker does: `alpine` is `docker.io/library/alpine:latest`. */
export function parseImageName(text: string): ImageName {
  try {
    return { reference: withDefaultTag(parseReference(text)).toString() }
  } catch (error) {
    if (!isCooperageError(error) || error.code !== 'E_REF') throw error
    return { error: error.message }
  }
}
