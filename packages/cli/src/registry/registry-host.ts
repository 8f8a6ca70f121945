import { parseReference } from '@cooperage/store'
import { CooperageError, isCooperageError } from '@cooperage/store/errors'

/** The registry of a login, as references name it: `docker.io` without one, `ghcr.io` of `https://ghcr.io/v2/`. @throws E_CLI */
export function registryHost(text: string | undefined): string {
  if (text === undefined) return 'docker.io'
  const bare = text.replace(/^https?:\/\//i, '').replace(/\/(?:v[12]\/?)?$/, '')
  try {
    const { domain, path } = parseReference(`${bare}/x`)
    if (path === 'x' || (domain === 'docker.io' && path === 'library/x')) {
      // A word alone is a repository to docker, and the name of a host on the command line of a login.
      if (bare.includes('.') || bare.includes(':') || bare === 'localhost') return domain
    }
  } catch (error) {
    if (!isCooperageError(error)) throw error
  }
  throw new CooperageError('E_CLI', `not a registry: ${JSON.stringify(text.slice(0, 300))}`, {
    hint: 'give a host, such as ghcr.io or localhost:5000; credentials are kept for a host, not for a repository',
  })
}
