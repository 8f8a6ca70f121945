import { csvFields } from '../instructions/csv-fields.js'

/** The `from=` of a `--mount` as written, without the rest being read: stages must be known before words expand. */
export function mountFrom(mount: string): string | undefined {
  const fields = csvFields(mount)
  const from = fields.findLast((field) => /^from=/i.test(field))?.slice('from='.length)
  return from === '' ? undefined : from
}
