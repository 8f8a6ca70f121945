import { type ChildProcess, spawn } from 'node:child_process'
import { CooperageError, hasErrno } from '@cooperage/store'
import type { SshAgent } from '../../secrets/open-ssh.js'
import { DEFAULT_TIMEOUT, type RemoteOptions } from '../remote-options.js'
import { aboutRemote, gitError } from './git-error.js'

/** A repository elsewhere, and as whom it is asked. It reaches git by its environment: a command line is there for everybody to read. */
export interface GitAccess {
  /** Known to git as `origin`. Without user and password: git names it in the arguments of its helpers. */
  readonly remote: string
  /** Value of the header, for http and https. */
  readonly authorization?: string | undefined
  /** Instead of the agent that SSH_AUTH_SOCK names. */
  readonly ssh?: SshAgent | undefined
  readonly settings: RemoteOptions
  readonly signal: AbortSignal
}

export interface GitProcessOptions extends GitAccess {
  /** The bare repository; absent before there is one. */
  readonly directory?: string
}

/** Kept of what git says, from the end. */
const STDERR_LIMIT = 16_384

/** Of the caller's variables, those that say how to reach a server. */
const PASSED = [
  'PATH',
  'SSH_AUTH_SOCK',
  'GIT_SSL_CAINFO',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'http_proxy',
  'https_proxy',
  'HTTPS_PROXY',
  'all_proxy',
  'ALL_PROXY',
  'no_proxy',
  'NO_PROXY',
]

/** No hooks, no helper that may ask, no protocol but those of the URL, nothing in the background. */
const CONFIG = [
  'core.hooksPath=/dev/null',
  'core.attributesFile=/dev/null',
  'core.fsmonitor=false',
  'credential.helper=',
  'protocol.allow=never',
  'fetch.recurseSubmodules=false',
  'maintenance.auto=false',
  'gc.auto=0',
  'tar.umask=0022',
]

/** What a git command writes, as it comes. The process and all that it started end when the reader leaves. */
export async function* gitOutput(
  args: readonly string[],
  options: GitProcessOptions,
): AsyncGenerator<Uint8Array> {
  const { remote, settings, signal } = options
  signal.throwIfAborted()
  const child = spawn('git', [...settingsFor(remote).flatMap((setting) => ['-c', setting]), ...args], {
    env: environmentOf(options),
    cwd: options.directory ?? '/',
    // A group of its own: git starts helpers, which would outlive it.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve(code))
  })
  ended.catch(() => {})
  const stop = () => endGroup(child)
  signal.addEventListener('abort', stop)
  const silence = new Silence(settings.timeout ?? DEFAULT_TIMEOUT, stop)
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    silence.broken()
    said = (said + chunk.toString('utf8')).slice(-STDERR_LIMIT)
  })
  try {
    for await (const chunk of child.stdout as AsyncIterable<Uint8Array>) {
      silence.broken()
      yield chunk
    }
    const code = await ended
    signal.throwIfAborted()
    if (silence.isOver) {
      const problem = `git heard nothing for ${(settings.timeout ?? DEFAULT_TIMEOUT) / 1000} seconds`
      throw aboutRemote('E_GIT_TIMEOUT', remote, { problem })
    }
    if (code !== 0) throw gitError(remote, said)
  } catch (error) {
    signal.throwIfAborted()
    if (hasErrno(error, 'ENOENT')) throw missing()
    throw error
  } finally {
    silence.stop()
    signal.removeEventListener('abort', stop)
    stop()
  }
}

/** What a git command writes, whole; more than `limit` bytes are refused. */
export async function gitText(
  args: readonly string[],
  options: GitProcessOptions & { readonly limit?: number },
): Promise<string> {
  const limit = options.limit ?? 16 << 20
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of gitOutput(args, options)) {
    size += chunk.length
    if (size > limit) {
      throw aboutRemote('E_LIMIT', options.remote, {
        problem: `git ${args[0]} writes over ${limit} bytes`,
        data: { limit },
      })
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** A redirect may lead from http to https, and not back. */
function settingsFor(remote: string): string[] {
  const scheme = /^(https?|git|ssh):/.exec(remote)?.[1] ?? 'ssh'
  const allowed = scheme === 'http' ? ['http', 'https'] : [scheme]
  return [...CONFIG, ...allowed.map((protocol) => `protocol.${protocol}.allow=always`)]
}

function environmentOf(options: GitProcessOptions): Record<string, string> {
  const { directory, settings, ssh } = options
  const given = settings.environment ?? {}
  const passed = PASSED.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]]))
  return {
    ...Object.fromEntries(passed),
    ...(ssh?.kind === 'socket' && { SSH_AUTH_SOCK: ssh.path }),
    LC_ALL: 'C',
    HOME: '/dev/null',
    XDG_CONFIG_HOME: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_SSH_COMMAND: sshCommand(ssh),
    ...configuration(options),
    ...(directory !== undefined && { GIT_DIR: directory }),
  }
}

function configuration({ remote, authorization }: GitAccess): Record<string, string> {
  const entries = [['remote.origin.url', remote]]
  if (authorization !== undefined) {
    entries.push(['http.extraHeader', `Authorization: ${authorization}`])
    // Git would send the header on to the host that a redirect names (seen in 2.39).
    entries.push(['http.followRedirects', 'false'])
  }
  return Object.fromEntries([
    ['GIT_CONFIG_COUNT', String(entries.length)],
    ...entries.flatMap(([key = '', value = ''], index) => [
      [`GIT_CONFIG_KEY_${index}`, key],
      [`GIT_CONFIG_VALUE_${index}`, value],
    ]),
  ])
}

/** A line for a shell, as git wants it. */
function sshCommand(ssh: SshAgent | undefined): string {
  const keys = ssh?.kind === 'keys' ? ssh.paths : []
  const named = keys.map((path) => ` -i '${path.replaceAll("'", "'\\''")}'`).join('')
  return `ssh -o BatchMode=yes${named === '' ? '' : ` -o IdentitiesOnly=yes${named}`}`
}

/** Ends after a time in which nothing was heard. */
class Silence {
  readonly #timer: NodeJS.Timeout
  isOver = false

  constructor(timeout: number, onOver: () => void) {
    this.#timer = setTimeout(() => {
      this.isOver = true
      onOver()
    }, timeout)
  }

  broken(): void {
    if (!this.isOver) this.#timer.refresh()
  }

  stop(): void {
    clearTimeout(this.#timer)
  }
}

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch (error) {
    if (!hasErrno(error, 'ESRCH')) throw error
  }
}

function missing(): CooperageError {
  return new CooperageError('E_GIT_MISSING', 'a git source needs the program git, which is not there', {
    hint: 'install git (version 2.31 or newer), or fetch the repository first and name its folder',
  })
}
