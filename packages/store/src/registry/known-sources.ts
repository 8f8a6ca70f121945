import { isCooperageError } from '../errors.js'
import type { RecordStore } from '../records/record-store.js'

const KIND = 'blob-source'
const REMEMBERED = 8

/** The repositories, latest first, that were seen to hold a blob: `docker.io/library/debian`. */
export async function knownSources(
  records: RecordStore | undefined,
  digest: string,
): Promise<readonly string[]> {
  const text = await records?.getText(KIND, digest)
  if (text === undefined) return []
  try {
    const { repositories } = JSON.parse(text) as { repositories?: unknown }
    if (!Array.isArray(repositories)) return []
    return repositories.filter((name): name is string => typeof name === 'string').slice(0, REMEMBERED)
  } catch {
    return []
  }
}

/** Remembers that a repository holds a blob. A store that cannot be written remembers nothing, and that is no error. */
export async function rememberSource(
  records: RecordStore | undefined,
  digest: string,
  repository: string,
): Promise<void> {
  if (records === undefined) return
  const known = await knownSources(records, digest)
  if (known[0] === repository) return
  const repositories = [repository, ...known.filter((name) => name !== repository)].slice(0, REMEMBERED)
  try {
    await records.put(KIND, digest, JSON.stringify({ repositories }))
  } catch (error) {
    if (!isCooperageError(error) || error.category !== 'store') throw error
  }
}
