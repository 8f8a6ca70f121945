import { CooperageError } from '../errors.js'
import { isJsonObject } from '../image/json-value.js'
import { parseJson } from '../image/parse-json.js'
import { nextPage } from './next-page.js'
import type { Call } from './transport/call.js'
import { checkIsRegistry } from './transport/check-is-registry.js'
import type { Server } from './transport/server.js'

/** A list without pages may name hundreds of thousands. */
const PAGE_LIMIT = 32 << 20
const MAX_PAGES = 10_000

const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/

/** distribution-spec, "Listing Tags". Names that can be no tags are left out. @throws E_REG_PROTOCOL */
export async function* listTags(server: Server, repository: string, call: Call): AsyncGenerator<string> {
  let target: string | URL | undefined = 'tags/list'
  const asked = `tags of ${repository}`
  for (let page = 0; target !== undefined; page++) {
    if (page >= MAX_PAGES) throw new CooperageError('E_LIMIT', `more than ${MAX_PAGES} pages of ${asked}`)
    const headers = { accept: 'application/json' }
    const { answer, bytes } = await server.read({ method: 'GET', target, headers, asked }, call, {
      limit: PAGE_LIMIT,
    })
    checkIsRegistry(answer.response, { host: server.host, asked })
    const before: string = String(target)
    yield* tagsOf(bytes, asked)
    target = nextPage(answer, server)
    if (String(target) === before) break
  }
}

function tagsOf(bytes: Uint8Array, asked: string): string[] {
  const document = parseJson(bytes, { what: asked, code: 'E_REG_PROTOCOL', limit: PAGE_LIMIT })
  const tags = isJsonObject(document) ? document.tags : undefined
  if (tags === undefined || tags === null) return []
  if (!Array.isArray(tags))
    throw new CooperageError('E_REG_PROTOCOL', `${asked} are no list`, { category: 'network' })
  return tags.filter((tag): tag is string => typeof tag === 'string' && TAG.test(tag))
}
