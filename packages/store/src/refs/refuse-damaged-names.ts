import { CooperageError } from '../errors.js'
import type { RefStore } from './ref-store.js'

/**
 * What a damaged name leads to is not known, so whoever collects would take the image for unnamed and remove it.
 * @throws E_STORE_CORRUPT while a name cannot be read
 */
export async function refuseDamagedNames(refs: RefStore): Promise<void> {
  const [first, ...others] = await refs.damaged()
  if (first === undefined) return
  const { name, file } = first
  const what = name === undefined ? 'a name of an image' : `the name ${name}`
  const more = others.length === 0 ? '' : `, and ${others.length} more`
  throw new CooperageError('E_STORE_CORRUPT', `${what} cannot be read: ${file} is damaged${more}`, {
    category: 'store',
    hint: 'nothing is removed while it is unknown what the name stands for: give the name again (tag or build), or remove the file',
    data: { path: file, files: [first, ...others].map((one) => one.file) },
  })
}
