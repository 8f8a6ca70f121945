import { parseUrl, urlAuthorization } from '@cooperage/store/http'
import { headerValue } from '../../secrets/header-value.js'
import type { SecretSource } from '../../secrets/secret-source.js'

const NAMES = ['GIT_AUTH_HEADER', 'GIT_AUTH_TOKEN'] as const
const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/

/** Where a repository is, and the value of the header that it is asked with. */
export interface AuthorizedRemote {
  readonly remote: string
  readonly authorization: string | undefined
}

interface AuthorizationOptions {
  readonly secrets: SecretSource
  readonly signal: AbortSignal
  /** False for a server that a repository names: only secrets that name it too are meant for it. */
  readonly isChosen: boolean
}

/**
 * A repository and what opens it: a secret, else user and password of its URL. They are taken out of the URL, which git
 * hands to its helpers as an argument for everybody to read.
 * @throws E_SECRET_VALUE, and what reading a secret throws
 */
export async function authorizedRemote(
  remote: string,
  options: AuthorizationOptions,
): Promise<AuthorizedRemote> {
  const url = /^https?:/.test(remote) ? parseUrl(remote) : undefined
  if (url === undefined) return { remote, authorization: undefined }
  const authorization = (await secretFor(remote, options)) ?? urlAuthorization(url)
  return { remote: remote.replace(/^(https?:\/\/)[^/@]*@/, '$1'), authorization }
}

/**
 * The value of the header that a repository behind http or https is asked with, by the secrets that BuildKit looks for:
 * `GIT_AUTH_HEADER.<host>` and `GIT_AUTH_TOKEN.<host>`, the host with its port, then those without a host. A header goes
 * out as it is, a token as the password of `x-access-token`. What names no host is not told to a server without https, nor
 * to one whose name did not come from the user.
 */
async function secretFor(remote: string, options: AuthorizationOptions): Promise<string | undefined> {
  const { protocol, host, hostname } = new URL(remote)
  const isPrivate = protocol === 'https:' || LOOPBACK.test(hostname)
  const hosts = options.isChosen && isPrivate ? [`.${host}`, ''] : [`.${host}`]
  for (const suffix of hosts) {
    for (const name of NAMES) {
      const id = name + suffix
      const bytes = await options.secrets.get(id, options.signal)
      const value = bytes && headerValue(id, bytes)
      if (value !== undefined) return name === 'GIT_AUTH_HEADER' ? value : `Basic ${basic(value)}`
    }
  }
  return undefined
}

function basic(token: string): string {
  return Buffer.from(`x-access-token:${token}`, 'latin1').toString('base64')
}
