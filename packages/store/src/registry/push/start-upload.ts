import { isCooperageError } from '../../errors.js'
import { repositoryScope } from '../auth/scopes.js'
import type { Call } from '../transport/call.js'
import type { Server } from '../transport/server.js'
import { storedOther } from './stored-other.js'
import { UploadSession } from './upload-session.js'

export interface StartOptions {
  readonly server: Server
  readonly digest: string
  readonly call: Call
  /** Repositories of the same server, as it knows them, that may hold the blob. */
  readonly sources: readonly string[]
}

/** Each costs a request where it does not help. */
const SOURCES_TRIED = 2
/** Answers that mean "not from there". */
const REFUSALS = [400, 403, 404, 405]
const REFUSED = new Set(['E_REG_DENIED', 'E_REG_NOT_FOUND', 'E_AUTH_TOKEN'])

/**
 * Lets the registry take the blob from another repository that it has, or opens an upload. An answer of 202 to a mount
 * is an upload like any other (distribution-spec, "Mounting a blob from another repository").
 */
export async function startUpload(options: StartOptions): Promise<UploadSession | 'mounted'> {
  for (const source of options.sources.slice(0, SOURCES_TRIED)) {
    const outcome = await mount(source, options)
    if (outcome !== undefined) return outcome
  }
  return UploadSession.start(options)
}

async function mount(
  source: string,
  { server, digest, call }: StartOptions,
): Promise<UploadSession | 'mounted' | undefined> {
  try {
    const answer = await server.ask(
      {
        method: 'POST',
        target: `blobs/uploads/?${new URLSearchParams({ mount: digest, from: source })}`,
        headers: { 'content-length': '0' },
        access: 'push',
        scopes: [repositoryScope(source, 'pull')],
        accept: [201, 202, ...REFUSALS],
        asked: `mount of ${digest} from ${source}`,
        otherwise: 'E_PUSH',
      },
      call,
    )
    const { status } = answer.response
    if (status === 202) return new UploadSession(answer, { server, call, digest })
    answer.response.discard()
    return status === 201 && storedOther(answer.response, digest) === undefined ? 'mounted' : undefined
  } catch (error) {
    // Who may not read there gets no token that says so, or none at all.
    if (isCooperageError(error) && REFUSED.has(error.code)) return undefined
    throw error
  }
}
