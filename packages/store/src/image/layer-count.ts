import { CooperageError } from '../errors.js'

/**
 * An image whose config and manifest count its layers differently. No layers at all are an image of metadata to
 * BuildKit, which writes `null`; to a config that names some they are missing from the manifest.
 */
export function layerCountError(expected: number, found: number): CooperageError {
  const data = { expected, found }
  if (found > 0)
    return new CooperageError('E_DIFFID', `the config names ${expected} layers, the manifest ${found}`, {
      data,
    })
  return new CooperageError(
    'E_MANIFEST',
    `manifest.layers is empty, and the config names ${expected} layers`,
    {
      data: { ...data, path: 'manifest.layers' },
    },
  )
}
