import type { ImageRow } from '../commands/images.js'
import { shortId, showAge, showBytes } from './quantities.js'
import { jsonLines, table } from './table.js'

export interface ImagesFormat {
  readonly json: boolean
  readonly quiet: boolean
  readonly digests: boolean
  readonly truncate: boolean
  /** Milliseconds since 1970. */
  readonly now: number
}

/** The list of images as docker shows it. */
export function renderImages(rows: readonly ImageRow[], format: ImagesFormat): string {
  const id = (row: ImageRow): string => (format.truncate ? shortId(row.image.id) : row.image.id)
  if (format.quiet) return [...new Set(rows.map(id))].map((line) => `${line}\n`).join('')
  if (format.json) {
    return jsonLines(
      rows.map((row) => ({
        CreatedAt: row.image.config.created ?? '',
        CreatedSince: showAge(row.image.config.created, format.now),
        Digest: row.image.target.digest,
        ID: id(row),
        Repository: row.repository || '<none>',
        Size: showBytes(row.image.size),
        Tag: row.tag || '<none>',
      })),
    )
  }
  const headings = ['REPOSITORY', 'TAG', ...(format.digests ? ['DIGEST'] : []), 'IMAGE ID', 'CREATED', 'SIZE']
  return table(
    headings,
    rows.map((row) => [
      row.repository || '<none>',
      row.tag || '<none>',
      ...(format.digests ? [row.image.target.digest] : []),
      id(row),
      showAge(row.image.config.created, format.now),
      showBytes(row.image.size),
    ]),
  )
}
