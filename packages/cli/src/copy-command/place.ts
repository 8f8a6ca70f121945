import { CooperageError } from '@cooperage/store/errors'

/** An end of a copy, in the words of skopeo. */
export type Place =
  /** A registry. */
  | { readonly kind: 'docker'; readonly name: string }
  /** Our store. */
  | { readonly kind: 'store'; readonly name: string }
  | FilePlace

export interface FilePlace {
  /** The folder of an OCI layout, or an archive. */
  readonly kind: 'oci' | 'oci-archive' | 'docker-archive'
  readonly path: string
  /** Which image of several: a tag or name of a layout, `name:tag` of a docker archive. */
  readonly reference?: string
}

const FORMS =
  'docker://NAME, oci:FOLDER[:REF], docker-archive:FILE[:NAME:TAG], oci-archive:FILE[:REF], store:IMAGE'

/** @throws E_CLI */
export function parsePlace(text: string): Place {
  const colon = text.indexOf(':')
  const kind = colon < 0 ? '' : text.slice(0, colon)
  const rest = text.slice(colon + 1)
  switch (kind) {
    case 'docker':
      if (rest.startsWith('//') && rest.length > 2) return { kind, name: rest.slice(2) }
      throw refuse(text, 'a registry is written docker://NAME')
    case 'store':
      if (rest !== '') return { kind, name: rest }
      throw refuse(text, 'it names no image')
    case 'oci':
    case 'oci-archive':
    case 'docker-archive': {
      // As for skopeo: a path with a colon cannot be named.
      const end = rest.indexOf(':')
      const path = end < 0 ? rest : rest.slice(0, end)
      const reference = end < 0 ? '' : rest.slice(end + 1)
      if (path === '') throw refuse(text, 'it names no path')
      if (reference.startsWith('@')) throw refuse(text, 'images cannot be chosen by their number')
      return { kind, path, ...(reference === '' ? {} : { reference }) }
    }
    default:
      throw refuse(text, 'its first word says no kind of place')
  }
}

function refuse(text: string, why: string): CooperageError {
  return new CooperageError('E_CLI', `cannot copy with ${JSON.stringify(text.slice(0, 300))}: ${why}`, {
    hint: `places are ${FORMS}`,
  })
}
