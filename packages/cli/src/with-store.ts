import { openStore, type Store } from '@cooperage/store'
import type { Invocation } from './invocation.js'

/** Opens the store that the invocation means, hands it over, and closes it again. */
export async function withStore<T>(invocation: Invocation, use: (store: Store) => Promise<T>): Promise<T> {
  const { store: path, durability } = await invocation.settings()
  await using store = await openStore({ path, ...(durability === undefined ? {} : { durability }) })
  for (const { message } of store.notices) invocation.terminal.say(`note: ${message}\n`)
  return await use(store)
}
