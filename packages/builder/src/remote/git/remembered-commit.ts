import { isDigest, type RecordStore } from '@cooperage/store'
import type { FetchedCommit, WantedCommit } from './fetch-commit.js'
import { parseKept } from './keep/keep-objects.js'
import type { GitLink } from './read-listing.js'

type Wanted = WantedCommit & { readonly remote: string }

const KIND = 'git'

/** What was fetched of a commit before, if its blobs are there. A record that is not whole is none. */
export async function recallCommit(
  records: RecordStore | undefined,
  wanted: Wanted,
): Promise<FetchedCommit | undefined> {
  const text = await records?.getText(KIND, keyOf(wanted))
  if (text === undefined) return undefined
  try {
    const { archive, size, links, kept } = JSON.parse(text) as { [key in keyof FetchedCommit]?: unknown }
    const objects = parseKept(kept)
    if (!isDigest(archive) || typeof size !== 'number' || !areLinks(links)) return undefined
    if (wanted.keepsObjects && objects === undefined) return undefined
    return { archive, size, links, ...(objects !== undefined && { kept: objects }) }
  } catch {
    return undefined
  }
}

/** Remembers a commit. Its blobs must be in the store already. */
export async function rememberCommit(
  records: RecordStore | undefined,
  wanted: Wanted,
  fetched: FetchedCommit,
): Promise<void> {
  const { archive, kept } = fetched
  const objects = kept === undefined ? [] : [kept.pack.digest, kept.packIndex.digest, kept.index.digest]
  await records?.put(KIND, keyOf(wanted), JSON.stringify({ ...fetched, blobs: [archive, ...objects] }))
}

function keyOf({ remote, commit, tag, keepsObjects }: Wanted): string {
  return [remote, commit, 'files', ...(keepsObjects ? ['objects', tag ?? ''] : [])].join('\n')
}

function areLinks(value: unknown): value is GitLink[] {
  return (
    Array.isArray(value) &&
    value.every(
      (link: Partial<GitLink> | null) =>
        typeof link?.path === 'string' && /^[0-9a-f]{40,64}$/.test(String(link.commit)),
    )
  )
}
