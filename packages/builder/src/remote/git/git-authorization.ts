import { headerValue } from '../../secrets/header-value.js'
import type { SecretSource } from '../../secrets/secret-source.js'

const NAMES = ['GIT_AUTH_HEADER', 'GIT_AUTH_TOKEN'] as const
const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/

/**
 * The value of the header that a repository behind http or https is asked with, by the secrets that BuildKit looks for:
 * `GIT_AUTH_HEADER.<host>` and `GIT_AUTH_TOKEN.<host>`, the host with its port, then those without a host. A header goes
 * out as it is, a token as the password of `x-access-token`. What names no host is not told to a server without https, nor
 * to one whose name did not come from the user.
 * @throws E_SECRET_VALUE, and what reading a secret throws
 */
export async function gitAuthorization(
  remote: string,
  options: {
    readonly secrets: SecretSource
    readonly signal: AbortSignal
    /** False for a server that a repository names: only secrets that name it too are meant for it. */
    readonly isChosen: boolean
  },
): Promise<string | undefined> {
  if (!/^https?:/.test(remote) || !URL.canParse(remote)) return undefined
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
