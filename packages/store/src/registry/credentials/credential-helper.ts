import { type ChildProcess, spawn } from 'node:child_process'
import { CooperageError, hasErrno, isCooperageError } from '../../errors.js'
import { isJsonObject, type JsonObject } from '../../image/json-value.js'
import { parseJson } from '../../image/parse-json.js'
import type { Credential } from '../credential.js'
import type { Variables } from './auth-file-paths.js'

export interface HelperOptions {
  /** What the program sees; it is looked for in its PATH. */
  readonly environment: Variables
  /** Milliseconds after which it is ended. Default 60 000: some ask the person at the keyboard. */
  readonly timeout?: number
  readonly signal?: AbortSignal
}

/** A program as Docker calls it: `docker-credential-<name> get|store|erase`, one question a run. */
export interface HelperCall {
  readonly name: string
  readonly server: string
}

// The name becomes a part of a path's last component, so it can lead nowhere.
const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/
const DEFAULT_TIMEOUT = 60_000
const OUTPUT_LIMIT = 1 << 20
const NOT_FOUND = 'credentials not found in native keychain'
/** The user's name with which helpers mark a refresh token. */
const TOKEN_USER = '<token>'

/**
 * Asks a helper for the credential of a server; undefined when it has none.
 * @throws E_CREDENTIALS when it fails, E_CREDENTIALS_HELPER_MISSING when there is no such program
 */
export async function askHelper(call: HelperCall, options: HelperOptions): Promise<Credential | undefined> {
  const answer = await run('get', call, { ...options, input: call.server })
  if (answer.code !== 0) {
    if (answer.stdout.trim() === NOT_FOUND) return undefined
    throw failed(call, said(answer.stdout))
  }
  return readAnswer(call, answer.stdout)
}

/** Has a helper keep a credential. @throws as `askHelper` */
export async function storeWithHelper(
  call: HelperCall,
  credential: { readonly username: string; readonly secret: string; readonly isToken: boolean },
  options: HelperOptions,
): Promise<void> {
  const { username, secret, isToken } = credential
  const input = JSON.stringify({
    ServerURL: call.server,
    Username: isToken ? TOKEN_USER : username,
    Secret: secret,
  })
  const answer = await run('store', call, { ...options, input })
  // What it says may repeat what it was told.
  if (answer.code !== 0) throw failed(call, withoutSecret(said(answer.stdout), secret), 'store')
}

/** Has a helper forget a server. One that knows none has nothing to forget. @throws as `askHelper` */
export async function eraseWithHelper(call: HelperCall, options: HelperOptions): Promise<void> {
  const answer = await run('erase', call, { ...options, input: call.server })
  if (answer.code !== 0 && answer.stdout.trim() !== NOT_FOUND)
    throw failed(call, said(answer.stdout), 'erase')
}

type Verb = 'get' | 'store' | 'erase'

const REFUSALS: Readonly<Record<Verb, string>> = {
  get: 'gives no credential for',
  store: 'does not keep the credential for',
  erase: 'does not forget the credential for',
}

interface Answer {
  readonly code: number | null
  readonly stdout: string
}

async function run(
  verb: Verb,
  call: HelperCall,
  options: HelperOptions & { readonly input: string },
): Promise<Answer> {
  if (!NAME.test(call.name)) {
    throw new CooperageError(
      'E_CREDENTIALS',
      `not the name of a credential helper: ${JSON.stringify(call.name.slice(0, 100))}`,
      { hint: 'credsStore and credHelpers name a program without its docker-credential- and without a path' },
    )
  }
  const { environment, input, signal, timeout = DEFAULT_TIMEOUT } = options
  signal?.throwIfAborted()
  const child = spawn(programOf(call), [verb], {
    env: { ...environment },
    cwd: '/',
    // A group of its own: some are scripts, and what they start must not outlive them.
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  let ended: 'timeout' | 'limit' | undefined
  const stop = (why: typeof ended) => {
    ended ??= why
    endGroup(child)
  }
  const onAbort = () => stop(undefined)
  const timer = setTimeout(() => stop('timeout'), timeout)
  signal?.addEventListener('abort', onAbort)
  try {
    // One that answers without reading closes the pipe early.
    child.stdin.on('error', () => {})
    child.stdin.end(input)
    const chunks: Buffer[] = []
    let length = 0
    child.stdout.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length > OUTPUT_LIMIT) stop('limit')
      else chunks.push(chunk)
    })
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', resolve)
    })
    signal?.throwIfAborted()
    if (ended === 'timeout') throw failed(call, `no answer within ${timeout / 1000} seconds`, verb)
    if (ended === 'limit') throw failed(call, `it writes more than ${OUTPUT_LIMIT} bytes`, verb)
    return { code, stdout: Buffer.concat(chunks).toString('utf8') }
  } catch (error) {
    throw hasErrno(error, 'ENOENT', 'EACCES') ? missing(call, error) : error
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
  }
}

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch (error) {
    if (!hasErrno(error, 'ESRCH')) throw error
  }
}

function readAnswer(call: HelperCall, text: string): Credential | undefined {
  let answer: JsonObject
  try {
    const value = parseJson(Buffer.from(text, 'utf8'), { what: 'the answer', code: 'E_CREDENTIALS' })
    if (!isJsonObject(value)) throw failed(call, 'its answer is no JSON object')
    answer = value
  } catch (error) {
    if (isCooperageError(error) && error.message.startsWith('the answer')) throw failed(call, error.message)
    throw error
  }
  const { Username: username = '', Secret: secret = '' } = answer
  if (typeof username !== 'string' || typeof secret !== 'string') {
    throw failed(call, 'its answer has no Username and Secret')
  }
  if (username === TOKEN_USER) return { kind: 'identity', token: secret }
  if (username === '' && secret === '') return undefined
  return { kind: 'password', username, password: secret }
}

/** What a helper says of its failure stands on its standard output, one line; anything else there is nobody's affair. */
function said(stdout: string): string {
  const [line = ''] = stdout.trim().split('\n')
  return line === '' || /[{}]/.test(line) ? 'it failed and does not say why' : line.slice(0, 300)
}

function withoutSecret(text: string, secret: string): string {
  return secret !== '' && text.includes(secret) ? 'it failed' : text
}

function programOf(call: HelperCall): string {
  return `docker-credential-${call.name}`
}

function failed(call: HelperCall, problem: string, verb: Verb = 'get'): CooperageError {
  const program = programOf(call)
  return new CooperageError('E_CREDENTIALS', `${program} ${REFUSALS[verb]} ${call.server}: ${problem}`, {
    hint: `try it by hand: echo ${call.server} | ${program} ${verb === 'erase' ? verb : 'get'}`,
    data: { program, server: call.server },
  })
}

function missing(call: HelperCall, cause: unknown): CooperageError {
  const program = programOf(call)
  return new CooperageError('E_CREDENTIALS_HELPER_MISSING', `there is no program ${program}`, {
    hint: 'install it, or take its name out of credsStore and credHelpers in the configuration of Docker',
    data: { program, server: call.server },
    cause,
  })
}
