import { type Descriptor, isDigest, type Store } from '@cooperage/store'

/**
 * The store keeps what a name leads to. An image that nobody named is kept under its own digest, which no name can
 * be taken for: it is listed, found by its ID, and goes with the next prune.
 */
export async function keepUnnamed(store: Store, descriptor: Descriptor): Promise<void> {
  if ((await store.refs.get(descriptor.digest)) !== undefined) return
  await store.refs.set(descriptor.digest, { descriptor, created: Date.now() })
}

/** True for the name of an image that nobody named. */
export function isUnnamed(name: string): boolean {
  return isDigest(name)
}

/** Forgets unnamed images that are older than `grace` milliseconds, and answers with how many there were. */
export async function forgetUnnamed(
  store: Store,
  options: { readonly grace: number; readonly dryRun: boolean },
): Promise<number> {
  const before = Date.now() - options.grace
  const old = (await store.refs.list()).filter(
    (entry) => isUnnamed(entry.name) && entry.value.created <= before,
  )
  if (!options.dryRun) for (const entry of old) await store.refs.delete(entry.name)
  return old.length
}
