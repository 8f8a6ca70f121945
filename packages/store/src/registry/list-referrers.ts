import type { Digest } from '../digest.js'
import { isCooperageError } from '../errors.js'
import { parseIndex } from '../image/parse-index.js'
import { JSON_LIMIT } from '../image/parse-json.js'
import { type Descriptor, MediaType } from '../image/types.js'
import { ListLimits } from './list-limits.js'
import { nextPage } from './next-page.js'
import { listedReferrers, referrersTag } from './push/referrers-tag.js'
import { saidBy } from './said-by.js'
import type { Call } from './transport/call.js'
import type { Server } from './transport/server.js'

/** distribution-spec, "Listing Referrers", and the tag in its place where the registry does not know it. */
export async function listReferrers(
  server: Server,
  about: { readonly digest: Digest; readonly artifactType: string | undefined },
  call: Call,
): Promise<readonly Descriptor[]> {
  const { digest, artifactType } = about
  const listed =
    (await byApi(server, about, call)) ?? (await listedReferrers(server, referrersTag(digest), call)) ?? []
  // Not every registry filters.
  return artifactType === undefined ? listed : listed.filter((entry) => entry.artifactType === artifactType)
}

/** Undefined where the registry does not know how. */
async function byApi(
  server: Server,
  about: { readonly digest: Digest; readonly artifactType: string | undefined },
  call: Call,
): Promise<Descriptor[] | undefined> {
  const filter =
    about.artifactType === undefined ? '' : `?${new URLSearchParams({ artifactType: about.artifactType })}`
  const asked = `referrers of ${about.digest}`
  let target: string | URL | undefined = `referrers/${about.digest}${filter}`
  const found: Descriptor[] = []
  const from = { host: server.host, asked }
  const limits = new ListLimits(from)
  for (let page = 0; target !== undefined; page++) {
    try {
      const { answer, bytes } = await server.read(
        { method: 'GET', target, headers: { accept: MediaType.ociIndex }, asked },
        call,
        { limit: JSON_LIMIT },
      )
      const { manifests } = saidBy(from, () => parseIndex(bytes))
      limits.add({ entries: manifests.length, bytes: bytes.length })
      for (const entry of manifests) found.push(entry)
      const before: string = String(target)
      target = nextPage(answer, server, asked)
      if (String(target) === before) break
    } catch (error) {
      // Some answer with the page of a website, or with a list of another form.
      const isUnknown =
        isCooperageError(error) && /^E_(REG_NOT_FOUND|REG_REFUSED|MANIFEST.*)$/.test(error.code)
      if (isUnknown && page === 0) return undefined
      throw error
    }
  }
  return found
}
