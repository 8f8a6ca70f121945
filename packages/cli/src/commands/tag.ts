import type { Store } from '@cooperage/store'
import { findNames } from '../images/find-names.js'
import { fullName } from '../images/full-name.js'
import { isUnnamed } from '../images/unnamed.js'
import type { Invocation } from '../invocation.js'
import { withStore } from '../with-store.js'

/** `cooper tag IMAGE NAME[:TAG]`: says nothing when all went well, as docker does. */
export async function run(invocation: Invocation): Promise<void> {
  const [word, name] = invocation.operands
  await withStore(invocation, (store) => tagImage(store, word!, name!))
}

/** Gives the image one more name; a name that is taken moves. @throws E_REF, E_IMAGE_NOT_FOUND */
export async function tagImage(store: Store, word: string, name: string): Promise<void> {
  const full = fullName(name)
  const { entries } = await findNames(store, word)
  const { pulled: _, ...value } = entries[0].value
  await store.refs.set(full, { ...value, created: Date.now() })
  for (const entry of entries) if (isUnnamed(entry.name)) await store.refs.delete(entry.name)
}
