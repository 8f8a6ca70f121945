import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = process.env.COOPERAGE_SHARED ?? fileURLToPath(new URL('../../shared', import.meta.url))

/** Path of test data that lies beside the checkout, or undefined (and a printed line) where it is missing. */
export function sharedPath(relative: string): string | undefined {
  const path = `${root}/${relative}`
  if (existsSync(path)) return path
  console.log(`skipped: test data ${relative} is not beside this checkout`)
  return undefined
}
