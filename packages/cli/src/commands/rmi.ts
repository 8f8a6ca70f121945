import type { Store } from '@cooperage/store'
import { CooperageError, isCooperageError } from '@cooperage/store/errors'
import { familiarName } from '../images/familiar-name.js'
import { type FoundNames, findNames } from '../images/find-names.js'
import { isUnnamed } from '../images/unnamed.js'
import type { Invocation } from '../invocation.js'
import { escapeLine } from '../render/escape.js'
import { withStore } from '../with-store.js'

/** `cooper rmi IMAGE…` */
export async function run(invocation: Invocation): Promise<void> {
  const { flags, operands, terminal } = invocation
  const force = flags.on('force')
  await withStore(invocation, async (store) => {
    for (const word of operands) {
      const names = await removeImage(store, word, force)
      await terminal.print(names.map((name) => `Untagged: ${escapeLine(name)}\n`).join(''))
    }
  })
}

/**
 * Takes names away and answers with them. A word that is an ID means all names of the image, which needs `force`
 * when there are several. With `force` an image that is not there is no error.
 * @throws E_IMAGE_NOT_FOUND, E_IMAGE_IN_USE
 */
export async function removeImage(store: Store, word: string, force: boolean): Promise<string[]> {
  let found: FoundNames
  try {
    found = await findNames(store, word)
  } catch (error) {
    if (force && isCooperageError(error) && error.code === 'E_IMAGE_NOT_FOUND') return []
    throw error
  }
  const going = found.byId ? found.entries : found.entries.slice(0, 1)
  const named = going.filter((entry) => !isUnnamed(entry.name))
  if (named.length > 1 && !force) {
    throw new CooperageError('E_IMAGE_IN_USE', `${word} has ${named.length} names`, {
      hint: `remove them by name, or all with --force: ${named.map((entry) => familiarName(entry.name)).join(', ')}`,
    })
  }
  for (const entry of going) await store.refs.delete(entry.name)
  return going.map((entry) => familiarName(entry.name))
}
