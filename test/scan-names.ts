import { createReadStream } from 'node:fs'
import { readTar } from '../packages/store/src/tar/read-tar.js'

/** Names of the entries of a tar, in its order. */
export async function scanNames(path: string): Promise<string[]> {
  const names: string[] = []
  for await (const item of readTar(createReadStream(path))) names.push(item.entry.name)
  return names
}
