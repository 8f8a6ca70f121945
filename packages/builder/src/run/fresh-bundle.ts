import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'

/** An empty directory for an executor, in a scratch directory that belongs to this user. */
export async function freshBundle(scratch: string): Promise<string> {
  const bundle = join(scratch, 'shell')
  await mkdir(bundle, { mode: 0o700 })
  return bundle
}
