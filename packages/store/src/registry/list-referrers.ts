import type { Digest } from '../digest.js'
import { CooperageError, isCooperageError } from '../errors.js'
import { parseIndex } from '../image/parse-index.js'
import { JSON_LIMIT } from '../image/parse-json.js'
import { type Descriptor, MediaType } from '../image/types.js'
import { nextPage } from './next-page.js'
import { listedReferrers, referrersTag } from './push/referrers-tag.js'
import type { Call } from './transport/call.js'
import type { Server } from './transport/server.js'

const MAX_PAGES = 1000

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
  for (let page = 0; target !== undefined; page++) {
    if (page >= MAX_PAGES) throw new CooperageError('E_LIMIT', `more than ${MAX_PAGES} pages of ${asked}`)
    try {
      const { answer, bytes } = await server.read(
        { method: 'GET', target, headers: { accept: MediaType.ociIndex }, asked },
        call,
        { limit: JSON_LIMIT },
      )
      found.push(...parseIndex(bytes).manifests)
      const before: string = String(target)
      target = nextPage(answer, server)
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
