import { CooperageError, isCooperageError } from '../../errors.js'
import { type ConfigFiles, hostConfigFiles } from '../config-files.js'
import type { Credential, CredentialSource } from '../credential.js'
import { decodeAuthEntry } from './auth-entry.js'
import { type AuthFile, parseAuthFile } from './auth-file.js'
import { authFilePaths, type Variables } from './auth-file-paths.js'
import type { HelperCall } from './credential-helper.js'
import { HelperAnswers } from './helper-answers.js'
import { hostOf, nameOfKey, namesAbove, serverOf } from './server-names.js'

export interface SystemCredentialsOptions {
  /** Variables as a process has them: HOME, DOCKER_CONFIG, DOCKER_AUTH_CONFIG, REGISTRY_AUTH_FILE, XDG_…, PATH. */
  readonly environment: Variables
  /** For podman's place below `/run/containers`. */
  readonly uid?: number
  /** Default: the files of this machine. */
  readonly files?: ConfigFiles
  /** Milliseconds that a helper program may take. Default 60 000. */
  readonly helperTimeout?: number
  /** Told of a helper for all hosts that is not installed: the next place is asked then. */
  readonly onWarning?: (message: string) => void
}

/**
 * The credentials that Docker and podman know on this machine, read when they are asked for: `DOCKER_AUTH_CONFIG`, the
 * files of {@link authFilePaths}, and the helper programs those name. In a file the helper of the host comes first, then
 * the helper for all hosts, then the entries, the longest name that the repository lies in first.
 */
export function systemCredentials(options: SystemCredentialsOptions): CredentialSource {
  const source = new SystemCredentials(options)
  return (repository, { signal } = {}) => source.find(repository, signal)
}

class SystemCredentials {
  readonly #options: SystemCredentialsOptions
  readonly #answers: HelperAnswers

  constructor(options: SystemCredentialsOptions) {
    this.#options = options
    const { environment, helperTimeout } = options
    this.#answers = new HelperAnswers({
      environment,
      ...(helperTimeout !== undefined && { timeout: helperTimeout }),
    })
  }

  async find(repository: string, signal: AbortSignal | undefined): Promise<Credential | undefined> {
    const name = nameOfKey(repository)
    for (const read of this.#places()) {
      signal?.throwIfAborted()
      const file = await read()
      const found = file && ((await this.#fromHelper(file, name, signal)) ?? fromEntries(file, name))
      if (found !== undefined) return found
    }
    return undefined
  }

  #places(): (() => Promise<AuthFile | undefined>)[] {
    const { environment, uid, files = hostConfigFiles } = this.#options
    const text = environment.DOCKER_AUTH_CONFIG
    const fromVariable = async () => text && parseAuthFile(Buffer.from(text, 'utf8'), 'DOCKER_AUTH_CONFIG')
    const fromFiles = authFilePaths(environment, uid).map(({ path }) => async () => {
      const bytes = await readFile(files, path)
      return bytes && parseAuthFile(bytes, path)
    })
    return [async () => (await fromVariable()) || undefined, ...fromFiles]
  }

  async #fromHelper(
    file: AuthFile,
    repository: string,
    signal: AbortSignal | undefined,
  ): Promise<Credential | undefined> {
    const helper = helperFor(file, hostOf(repository))
    if (helper === undefined) return undefined
    const call: HelperCall = { name: helper.name, server: serverOf(hostOf(repository)) }
    try {
      return await this.#answers.ask(call, signal)
    } catch (error) {
      const isMissing = isCooperageError(error) && error.code === 'E_CREDENTIALS_HELPER_MISSING'
      if (!isMissing || helper.isOfHost) throw error
      // Configurations are carried to machines without the program; what is public can be pulled all the same.
      this.#options.onWarning?.(`${error.message}, which ${file.name} names in credsStore`)
      return undefined
    }
  }
}

/** The program that a file names for a host. @internal */
export function helperFor(
  file: AuthFile,
  host: string,
): { readonly name: string; readonly isOfHost: boolean } | undefined {
  const own = [...file.credHelpers].find(([key]) => nameOfKey(key) === nameOfKey(host))
  const name = own === undefined ? file.credsStore : own[1]
  return name === undefined || name === '' ? undefined : { name, isOfHost: own !== undefined }
}

function fromEntries(file: AuthFile, repository: string): Credential | undefined {
  for (const name of namesAbove(repository)) {
    const named = [...file.auths].filter(([key]) => nameOfKey(key) === name)
    // A key that is the name itself counts before those that only mean it.
    for (const [key, entry] of named.sort(([a], [b]) => Number(b === name) - Number(a === name))) {
      const found = decodeAuthEntry(entry, { file: file.name, key })
      if (found !== undefined) return found
    }
  }
  return undefined
}

async function readFile(files: ConfigFiles, path: string): Promise<Uint8Array | undefined> {
  try {
    return await files.read(path)
  } catch (cause) {
    if (!isCooperageError(cause) || cause.code !== 'E_CONFIG_FILE') throw cause
    throw new CooperageError('E_CREDENTIALS', cause.message, {
      data: cause.data,
      ...(cause.hint !== undefined && { hint: cause.hint }),
      cause,
    })
  }
}
