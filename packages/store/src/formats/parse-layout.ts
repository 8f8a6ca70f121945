import { JsonCursor } from '../image/json-cursor.js'
import { parseIndex } from '../image/parse-index.js'
import { parseJson } from '../image/parse-json.js'
import { archiveError } from './archive-error.js'
import { collectNames, type NamedImage } from './named-image.js'

/** The version of the layout that there is; readers must refuse others (image-spec, image-layout.md). */
const VERSION = '1.0.0'

/** The images of a layout, from the bytes of its two documents. @throws E_ARCHIVE_LAYOUT, E_MANIFEST */
export function parseLayout(files: {
  marker: Uint8Array | undefined
  index: Uint8Array | undefined
  /** Of its directory, for messages. */
  path?: string
}): NamedImage[] {
  const where = files.path === undefined ? '' : ` in ${files.path}`
  if (!files.marker) throw archiveError('E_ARCHIVE_LAYOUT', `there is no file oci-layout${where}`)
  const code = 'E_ARCHIVE_LAYOUT'
  const marker = new JsonCursor(parseJson(files.marker, { what: 'oci-layout', code }), 'oci-layout', code)
  const version = marker.member('imageLayoutVersion')
  if (version.string() !== VERSION) {
    throw version.fail(`is ${JSON.stringify(version.string().slice(0, 40))}, not "${VERSION}"`)
  }
  if (!files.index) throw archiveError('E_ARCHIVE_LAYOUT', `there is no file index.json${where}`)
  return collectNames(parseIndex(files.index).manifests)
}
