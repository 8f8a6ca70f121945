import { STATUS_CODES } from 'node:http'
import type { BlobStore, RecordStore } from '@cooperage/store'
import { parseUrl, retryAfterSeconds, TransportFailure, type TransportResponse } from '@cooperage/store/http'
import type { SecretSource } from '../secrets/secret-source.js'
import { ContentChecksum, checkStored } from './content-checksum.js'
import { followRedirects } from './follow-redirects.js'
import { type HttpAuthorization, httpAuthorization } from './http-authorization.js'
import { httpError } from './http-error.js'
import { httpTime } from './http-time.js'
import { type KnownFile, type RemoteFile, recallFile, rememberFile } from './remote-file.js'
import { DEFAULT_MAX_BYTES, type RemoteOptions } from './remote-options.js'
import { withRetries } from './with-retries.js'

export interface FetchedFile extends RemoteFile {
  /** False when the store had it: its bytes were not looked at. */
  readonly isFresh: boolean
  /** Id of the secret that the server was asked with. */
  readonly secret?: string
}

export interface FetchOptions {
  readonly blobs: BlobStore
  /** Remembers what was fetched: what the server says is unchanged is not sent again. */
  readonly records?: RecordStore | undefined
  readonly remote: RemoteOptions
  /** Where `HTTP_AUTH_TOKEN_<host>` and `HTTP_AUTH_HEADER_<host>` are looked for. */
  readonly secrets?: SecretSource | undefined
  /** `algorithm:hexadecimal`: checked before anything is visible in the store. */
  readonly checksum?: string
  readonly signal: AbortSignal
  readonly onProgress?: (received: number, total: number | undefined) => void
  readonly onRetry?: (message: string) => void
}

/**
 * The file that a URL names, in the blob store. A file that the store has is asked for conditionally (RFC 9110, 13); with
 * a checksum that it has, nobody is asked.
 * @throws E_HTTP_URL, E_HTTP_STATUS, E_HTTP_REDIRECT, E_HTTP_CONNECT, E_HTTP_TIMEOUT, E_HTTP_TRUNCATED, E_HTTP_ENCODING,
 * E_HTTP_PROXY, E_DIGEST_MISMATCH, E_LIMIT, E_SECRET_VALUE
 */
export async function fetchUrl(url: string, options: FetchOptions): Promise<FetchedFile> {
  const { signal, onRetry = () => {} } = options
  const parsed = parseUrl(url)
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol) || parsed.hostname === '') {
    throw httpError('E_HTTP_URL', { url, problem: 'not a URL of a web server' })
  }
  const authorization = options.secrets && (await httpAuthorization(parsed, options.secrets, signal))
  // What one secret opened is not what others, or nobody, would be given.
  const place = authorization === undefined ? parsed.href : `${parsed.href}\n${authorization.secret}`
  const known = options.records && (await recallFile(options.records, place))
  const asked = { url: parsed, place, known, authorization }
  const file =
    known !== undefined && known.digest === options.checksum
      ? { ...known, isFresh: false }
      : await withRetries(() => attempt(asked, options), { signal, onRetry })
  return authorization === undefined ? file : { ...file, secret: authorization.secret }
}

interface Asked {
  readonly url: URL
  /** What the file is remembered by. */
  readonly place: string
  readonly known: KnownFile | undefined
  readonly authorization: HttpAuthorization | undefined
}

async function attempt(asked: Asked, options: FetchOptions): Promise<FetchedFile> {
  const { url, place, known, authorization } = asked
  const response = await followRedirects(url, {
    headers: {
      accept: '*/*',
      'accept-encoding': 'identity',
      'user-agent': 'cooperage',
      ...conditions(known),
    },
    authorization: authorization?.header,
    remote: options.remote,
    signal: options.signal,
  })
  try {
    if (known !== undefined && isUnchanged(response, known)) {
      const { blobs, signal } = options
      if (options.checksum !== undefined)
        await checkStored(known, options.checksum, { url: url.href, blobs, signal })
      return { ...known, isFresh: false }
    }
    // To a tag that was not asked about: without a condition the server has to send what it has.
    if (known !== undefined && response.status === 304) {
      return await attempt({ ...asked, known: undefined }, options)
    }
    checkHead(url, response, options)
    const file = await receive(url, response, options)
    if (options.records !== undefined) await rememberFile(options.records, place, file)
    return { ...file, isFresh: true }
  } finally {
    response.discard()
  }
}

function conditions(known: KnownFile | undefined): Record<string, string> {
  if (known?.etag !== undefined) return { 'if-none-match': known.etag }
  return known?.lastModified === undefined ? {} : { 'if-modified-since': known.lastModified }
}

/**
 * Some servers ignore the condition, and send all with the tag that we have: the body is then not read. Others say of
 * something else that it is unchanged: that is no answer.
 */
function isUnchanged(response: TransportResponse, known: KnownFile): boolean {
  const { etag } = response.headers
  const isSame = known.etag !== undefined && etag !== undefined && isSameTag(etag, known.etag)
  if (response.status === 304) return isSame || etag === undefined || known.etag === undefined
  return response.status === 200 && isSame
}

/** The weak comparison of RFC 9110, 8.8.3.2. */
function isSameTag(one: string, other: string): boolean {
  return one.replace(/^W\//, '') === other.replace(/^W\//, '')
}

function checkHead(url: URL, response: TransportResponse, { remote }: FetchOptions): void {
  const { status } = response
  if (status !== 200) {
    const retryAfter = retryAfterSeconds(response.headers['retry-after'], Date.now())
    throw httpError(
      'E_HTTP_STATUS',
      { url, problem: `the server answers ${status} ${STATUS_CODES[status] ?? ''}`.trim() },
      { data: { status, ...(retryAfter !== undefined && { retryAfter }) } },
    )
  }
  const encoding = response.headers['content-encoding']
  if (encoding !== undefined && encoding !== '' && encoding !== 'identity') {
    throw httpError(
      'E_HTTP_ENCODING',
      {
        url,
        problem: `the server sends it encoded as ${JSON.stringify(encoding)}, though it was asked not to`,
      },
      { hint: 'let the server send the file as it is: what is encoded on the way has another digest' },
    )
  }
  const length = Number(response.headers['content-length'] ?? 0)
  if (length > (remote.maxBytes ?? DEFAULT_MAX_BYTES)) throw tooLarge(url, remote, length)
}

function tooLarge(url: URL, remote: RemoteOptions, found?: number) {
  const limit = remote.maxBytes ?? DEFAULT_MAX_BYTES
  return httpError('E_LIMIT', { url, problem: `larger than ${limit} bytes` }, { data: { limit, found } })
}

async function receive(url: URL, response: TransportResponse, options: FetchOptions): Promise<KnownFile> {
  const { blobs, remote, signal, onProgress } = options
  const { etag, 'last-modified': lastModified, 'content-length': length } = response.headers
  const total = length === undefined ? undefined : Number(length)
  const limit = remote.maxBytes ?? DEFAULT_MAX_BYTES
  const checksum = options.checksum === undefined ? undefined : new ContentChecksum(options.checksum)
  await using writer = await blobs.writer({ signal })
  try {
    for await (const chunk of response.body) {
      if (writer.written + chunk.length > limit) throw tooLarge(url, remote)
      checksum?.update(chunk)
      await writer.write(chunk)
      onProgress?.(writer.written, total)
    }
  } catch (error) {
    throw bodyError(error, url)
  }
  checksum?.check(url)
  const { digest, size } = await writer.commit()
  return {
    digest,
    size,
    mtime: (lastModified === undefined ? undefined : httpTime(lastModified)) ?? 0,
    ...(etag !== undefined && { etag }),
    ...(lastModified !== undefined && { lastModified }),
  }
}

function bodyError(error: unknown, url: URL): unknown {
  if (!(error instanceof TransportFailure)) return error
  const { kind, message } = error
  const details = { cause: error.cause ?? error }
  if (kind === 'timeout') return httpError('E_HTTP_TIMEOUT', { url, problem: message }, details)
  if (kind === 'protocol') {
    const problem = `the server does not speak HTTP (${message})`
    return httpError('E_HTTP_CONNECT', { url, problem }, details)
  }
  return httpError('E_HTTP_TRUNCATED', { url, problem: 'the connection ended before the file did' }, details)
}
