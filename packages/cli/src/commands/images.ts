import type { RefEntry, Store } from '@cooperage/store'
import { isCooperageError } from '@cooperage/store/errors'
import { familiarName, splitName } from '../images/familiar-name.js'
import { fullName } from '../images/full-name.js'
import { readImage, type StoredImage } from '../images/stored-image.js'
import { isUnnamed } from '../images/unnamed.js'
import type { Invocation } from '../invocation.js'
import { renderImages } from '../render/images.js'
import { withStore } from '../with-store.js'

/** A line of `cooper images`. An image without a name has an empty repository and tag. */
export interface ImageRow {
  readonly repository: string
  readonly tag: string
  readonly image: StoredImage
}

export interface ImageList {
  /** The newest first. */
  readonly rows: readonly ImageRow[]
  /** Names that could not be read, or whose documents could not, and why. */
  readonly damaged: readonly { readonly name: string; readonly reason: string }[]
}

/** `cooper images [NAME[:TAG]]` */
export async function run(invocation: Invocation): Promise<void> {
  const { flags, operands, terminal } = invocation
  const list = await withStore(invocation, (store) => listImages(store, operands[0]))
  for (const { name, reason } of list.damaged) terminal.say(`warning: ${name} cannot be read: ${reason}\n`)
  await terminal.print(
    renderImages(list.rows, {
      json: flags.text('format') === 'json',
      quiet: flags.on('quiet'),
      digests: flags.on('digests'),
      truncate: !flags.on('no-trunc'),
      now: Date.now(),
    }),
  )
}

/** All images, or those of one repository, or one name. One that is damaged does not hide the others. */
export async function listImages(store: Store, filter: string | undefined): Promise<ImageList> {
  const rows: ImageRow[] = []
  const damaged: { name: string; reason: string }[] = []
  const entries = await store.refs.list()
  const named = new Set(entries.filter((one) => !isUnnamed(one.name)).map(digestOf))
  for (const entry of entries) {
    // Built without a name and given one later, or the other way round: it has its name.
    if (isUnnamed(entry.name) && named.has(digestOf(entry))) continue
    if (filter !== undefined && !matches(entry.name, filter)) continue
    const name = familiarName(entry.name)
    try {
      const parts = isUnnamed(entry.name) ? { repository: '', tag: '' } : splitName(name)
      rows.push({ ...parts, image: await readImage(store, entry) })
    } catch (error) {
      if (!isCooperageError(error)) throw error
      damaged.push({ name, reason: error.message })
    }
  }
  for (const { name, file } of await store.refs.damaged()) {
    if (filter !== undefined && name !== undefined && !matches(name, filter)) continue
    damaged.push({ name: name === undefined ? file : familiarName(name), reason: `${file} is damaged` })
  }
  const created = (row: ImageRow): number => Date.parse(row.image.config.created ?? '') || 0
  return { rows: rows.sort((a, b) => created(b) - created(a)), damaged }
}

function digestOf({ value }: RefEntry): string {
  return value.descriptor.digest
}

function matches(name: string, filter: string): boolean {
  if (isUnnamed(name)) return false
  const full = fullName(filter)
  if (splitName(filter).tag !== '') return name === full
  return splitName(name).repository === splitName(full).repository
}
