import type { CooperageError, ErrorCode } from '../../errors.js'
import { retryAfterSeconds } from '../../http/retry-after.js'
import type { TransportResponse } from '../../http/transport.js'
import { escapeText } from './escape-text.js'
import { readErrorBody } from './read-body.js'
import type { Redact } from './redact.js'
import { registryError } from './registry-error.js'

/** distribution-spec, "Error Codes". */
interface WireError {
  readonly code: string
  readonly message: string
  readonly detail: string
}

const BODY_LIMIT = 1 << 20
const ERRORS_SHOWN = 5

export interface StatusContext {
  readonly host: string
  /** What was asked for: `manifest 1.0 of docker.io/library/a`. */
  readonly asked: string
  /** What to log in to: `docker.io`. */
  readonly login: string
  /** The code of an error that has none of its own: E_REG_REFUSED, E_PUSH. */
  readonly otherwise: ErrorCode
  /** Milliseconds since 1970. */
  readonly now: number
  /** Applied to all that is quoted. */
  readonly redact: Redact
}

/** The error for an answer that is not the one that was hoped for. Reads its body. */
export async function statusError(
  response: TransportResponse,
  context: StatusContext,
): Promise<CooperageError> {
  const { status, headers } = response
  const { host, asked } = context
  const body = await readErrorBody(response, BODY_LIMIT)
  const isEncoded = (headers['content-encoding'] ?? 'identity') !== 'identity'
  const errors = isEncoded ? [] : parseErrors(body, context.redact)
  const text = errors.length === 0 && !isEncoded ? plainText(response, body, context.redact) : ''
  const said = errors.map(({ code, message, detail }) =>
    [code, message, detail].filter((part) => part !== '').join(': '),
  )
  const problem = `${asked}: ${meaning(status)}${said.length > 0 ? `: ${said.join('; ')}` : text}`
  const retryAfter = retryAfterSeconds(headers['retry-after'], context.now)
  return registryError(
    codeOf(status, context.otherwise),
    { host, problem },
    {
      hint: hintOf(status, context.login, retryAfter),
      data: { status, errors, ...(retryAfter !== undefined && { retryAfter }) },
    },
  )
}

function codeOf(status: number, otherwise: ErrorCode): ErrorCode {
  if (status === 401 || status === 403) return 'E_REG_DENIED'
  if (status === 404) return 'E_REG_NOT_FOUND'
  if (status === 429) return 'E_REG_RATE'
  return status >= 500 || status === 408 ? 'E_REG_SERVER' : otherwise
}

function meaning(status: number): string {
  switch (status) {
    case 401:
    case 403:
      return `access denied (${status})`
    case 404:
      return 'not found (404)'
    case 429:
      return 'too many requests (429)'
    default:
      return status >= 500 ? `the registry fails (${status})` : `the registry answers ${status}`
  }
}

function hintOf(status: number, login: string, retryAfter: number | undefined): string | undefined {
  if (status === 401 || status === 403) {
    return `log in with \`cooper login ${login}\`, or check the name: what one may not see is often reported this way`
  }
  if (status === 404) return 'check the name, the tag and the registry'
  if (status === 429) {
    const when =
      retryAfter === undefined ? 'try again later' : `the registry asks to wait ${retryAfter} seconds`
    return `${when}; whoever logs in may have a higher limit`
  }
  return undefined
}

function parseErrors(body: Buffer, redact: Redact): WireError[] {
  let document: unknown
  try {
    document = JSON.parse(body.toString('utf8'))
  } catch {
    // Anything may stand in the body of an error.
    return []
  }
  const errors: unknown = (document as { errors?: unknown } | null)?.errors
  if (!Array.isArray(errors)) return []
  return errors.slice(0, ERRORS_SHOWN).map((error: Record<string, unknown> | null) => ({
    code: textOf(error?.code, redact),
    message: textOf(error?.message, redact),
    detail: textOf(error?.detail, redact),
  }))
}

function textOf(value: unknown, redact: Redact): string {
  if (value === undefined || value === null) return ''
  if (typeof value === 'string') return escapeText(redact(value))
  try {
    return escapeText(redact(JSON.stringify(value)))
  } catch {
    // What can be read may be too deep to be written.
    return ''
  }
}

/** A page of HTML helps nobody. */
function plainText(response: TransportResponse, body: Buffer, redact: Redact): string {
  const isText = /^text\/plain|^application\/json/.test(response.headers['content-type'] ?? '')
  const text = isText ? body.toString('utf8').trim() : ''
  return text === '' ? '' : `: ${escapeText(redact(text))}`
}
