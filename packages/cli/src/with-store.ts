import { CooperageError, hasErrno, openStore, type Store } from '@cooperage/store'
import type { Invocation } from './invocation.js'

/** Opens the store that the invocation means, hands it over, and closes it again. */
export async function withStore<T>(invocation: Invocation, use: (store: Store) => Promise<T>): Promise<T> {
  const { store: path, durability } = await invocation.settings()
  await using store = await openStore({ path, ...(durability === undefined ? {} : { durability }) })
  for (const { message } of store.notices) invocation.terminal.say(`note: ${message}\n`)
  try {
    return await use(store)
  } catch (error) {
    throw fullStore(error, store.path)
  }
}

/** What a full disk says of a path in the store, which the owner of the store can do something about. */
export function fullStore(error: unknown, store: string): unknown {
  const path = hasErrno(error, 'ENOSPC') ? (error as NodeJS.ErrnoException).path : undefined
  if (path === undefined || !path.startsWith(`${store}/`)) return error
  return new CooperageError('E_NO_SPACE', `no space left on the disk: ${path}`, {
    category: 'store',
    hint: 'cooper prune --grace 0s removes what no image needs, also what is new',
    data: { path },
    cause: error,
  })
}
