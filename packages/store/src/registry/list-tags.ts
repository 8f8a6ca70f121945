import { CooperageError } from '../errors.js'
import { isJsonObject } from '../image/json-value.js'
import { parseJson } from '../image/parse-json.js'
import { ListLimits } from './list-limits.js'
import { nextPage } from './next-page.js'
import { saidBy } from './said-by.js'
import type { Call } from './transport/call.js'
import { checkIsRegistry } from './transport/check-is-registry.js'
import type { Server } from './transport/server.js'

/** A list without pages may name hundreds of thousands. */
const PAGE_LIMIT = 32 << 20

const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/

/**
 * distribution-spec, "Listing Tags". Names that can be no tags are left out.
 * @throws E_REG_PROTOCOL; E_LIMIT for a list without end
 */
export async function* listTags(server: Server, repository: string, call: Call): AsyncGenerator<string> {
  let target: string | URL | undefined = 'tags/list'
  const asked = `tags of ${repository}`
  const about = { host: server.host, asked }
  const limits = new ListLimits(about)
  while (target !== undefined) {
    const headers = { accept: 'application/json' }
    const { answer, bytes } = await server.read({ method: 'GET', target, headers, asked }, call, {
      limit: PAGE_LIMIT,
    })
    checkIsRegistry(answer.response, about)
    const tags = saidBy(about, () => tagsOf(bytes))
    limits.add({ entries: tags.length, bytes: bytes.length })
    yield* tags
    const before: string = String(target)
    target = nextPage(answer, server, asked)
    if (String(target) === before) break
  }
}

function tagsOf(bytes: Uint8Array): string[] {
  const document = parseJson(bytes, { what: 'the answer', code: 'E_REG_PROTOCOL', limit: PAGE_LIMIT })
  const tags = isJsonObject(document) ? document.tags : undefined
  if (tags === undefined || tags === null) return []
  if (!Array.isArray(tags)) throw new CooperageError('E_REG_PROTOCOL', 'they are no list')
  return tags.filter((tag): tag is string => typeof tag === 'string' && TAG.test(tag))
}
