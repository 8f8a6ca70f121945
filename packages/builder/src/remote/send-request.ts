import http from 'node:http'
import https from 'node:https'
import type { Socket } from 'node:net'
import tls from 'node:tls'
import { hasErrno, isCooperageError } from '@cooperage/store'
import { httpError } from './http-error.js'
import { proxyFor } from './proxy-for.js'
import { DEFAULT_TIMEOUT, type RemoteOptions } from './remote-options.js'

export interface RequestOptions {
  readonly headers: Readonly<Record<string, string>>
  readonly remote: RemoteOptions
  readonly signal: AbortSignal
}

/**
 * Sends one GET and waits for the head of its answer, whatever the status; no redirect is followed. Whoever gets the
 * answer reads its body or destroys it.
 * @throws E_HTTP_CONNECT, E_HTTP_TIMEOUT, E_HTTP_PROXY; the abort reason when aborted
 */
export async function sendRequest(url: URL, options: RequestOptions): Promise<http.IncomingMessage> {
  const { remote, signal } = options
  signal.throwIfAborted()
  const proxy = proxyFor(url, remote.environment ?? {})
  const timeout = remote.timeout ?? DEFAULT_TIMEOUT
  try {
    if (proxy === undefined) return await answer(requestTo(url, options), timeout)
    if (url.protocol === 'http:') return await answer(requestThrough(proxy, url, options), timeout)
    const socket = await tunnel(proxy, url, options)
    return await answer(requestTo(url, options, secure(socket, url)), timeout)
  } catch (error) {
    signal.throwIfAborted()
    if (isCooperageError(error)) throw error
    if (hasErrno(error, TIMED_OUT)) {
      throw httpError(
        'E_HTTP_TIMEOUT',
        { url, problem: `no answer for ${timeout / 1000} seconds` },
        { cause: error },
      )
    }
    const data = { reset: hasErrno(error, 'ECONNRESET', 'EPIPE') }
    throw httpError(
      'E_HTTP_CONNECT',
      { url, problem: messageOf(error) },
      { cause: error, hint: hintOf(error), data },
    )
  }
}

const TIMED_OUT = 'COOPERAGE_TIMED_OUT'

/** The error with which a request, or the body of its answer, ends after too long a silence. */
export function isTimeout(error: unknown): boolean {
  return hasErrno(error, TIMED_OUT)
}

function requestTo(url: URL, options: RequestOptions, socket?: Socket): http.ClientRequest {
  const { headers, signal } = options
  const { request } = url.protocol === 'https:' ? https : http
  // A socket that is given is used as it is; without one, each request has its own and closes it.
  const connection = socket === undefined ? { agent: false as const } : { createConnection: () => socket }
  return request(url, { headers: { ...headers }, signal, ...connection })
}

/** RFC 9112, 3.2.2: a proxy is sent the whole URL. */
function requestThrough(proxy: URL, url: URL, { headers, signal }: RequestOptions): http.ClientRequest {
  return http.request({
    ...placeOf(proxy),
    path: url.href.replace(/#.*$/s, ''),
    headers: { ...headers, host: url.host, ...proxyAuthorization(proxy) },
    agent: false,
    signal,
  })
}

async function tunnel(proxy: URL, url: URL, { remote, signal }: RequestOptions): Promise<Socket> {
  const target = `${url.hostname}:${url.port || 443}`
  const request = http.request({
    ...placeOf(proxy),
    method: 'CONNECT',
    path: target,
    headers: { host: target, ...proxyAuthorization(proxy) },
    agent: false,
    signal,
  })
  limitSilence(request, remote.timeout ?? DEFAULT_TIMEOUT)
  return new Promise((resolve, reject) => {
    request.once('error', reject)
    request.once('response', (response) => response.destroy())
    request.once('connect', (response, socket) => {
      if (response.statusCode === 200) return resolve(socket)
      socket.destroy()
      reject(httpError('E_HTTP_PROXY', { url: proxy, problem: `refused to connect: ${response.statusCode}` }))
    })
    request.end()
  })
}

function secure(socket: Socket, url: URL): tls.TLSSocket {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return tls.connect({ socket, host, ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }) })
}

function placeOf(proxy: URL) {
  return { host: proxy.hostname.replace(/^\[|\]$/g, ''), port: proxy.port || 80 }
}

function proxyAuthorization(proxy: URL): Record<string, string> {
  const authorization = basicAuthorization(proxy)
  return authorization === undefined ? {} : { 'proxy-authorization': authorization }
}

/** RFC 7617, of the user and password that stand in a URL. */
export function basicAuthorization({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined
  const text = `${unescaped(username)}:${unescaped(password)}`
  return `Basic ${Buffer.from(text).toString('base64')}`
}

/** What is no escape stands for itself. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function answer(request: http.ClientRequest, timeout: number): Promise<http.IncomingMessage> {
  limitSilence(request, timeout)
  return new Promise((resolve, reject) => {
    request.once('error', reject)
    request.once('response', (response) => {
      // A failure after the head is the body's; without a listener it would end the process.
      request.on('error', (error) => response.destroy(error))
      resolve(response)
    })
    request.end()
  })
}

/** Covers connecting, waiting for the answer and pauses in its body: all are silence of the socket. */
function limitSilence(request: http.ClientRequest, timeout: number): void {
  request.setTimeout(timeout, () =>
    request.destroy(Object.assign(new Error('timed out'), { code: TIMED_OUT })),
  )
}

function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0])
  return error instanceof Error ? error.message : String(error)
}

function hintOf(error: unknown): string {
  if (hasErrno(error, 'ENOTFOUND', 'EAI_AGAIN'))
    return 'check the name of the host, and whether a proxy is needed'
  const isCertificate = error instanceof Error && /certificate/i.test(error.message)
  return isCertificate
    ? 'a certificate authority of your own is named with the variable NODE_EXTRA_CA_CERTS'
    : 'check that the server can be reached from this machine'
}
