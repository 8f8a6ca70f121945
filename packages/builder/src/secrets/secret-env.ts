import type { SecretLoader } from './secret.js'
import { secretError } from './secret-error.js'

/**
 * A secret that a variable of the environment holds. Undefined is a variable that is not set: the build then fails
 * before it begins, whereas the empty text is a secret without bytes.
 */
export function secretEnv(value: string | undefined): SecretLoader {
  const known = (id: string): string => {
    if (value !== undefined) return value
    throw secretError(
      'E_SECRET_MISSING',
      { id, problem: 'its variable is not set' },
      { hint: 'set the variable; an empty one is taken as it is' },
    )
  }
  return {
    check: async (id) => void known(id),
    load: async (id) => Buffer.from(known(id)),
  }
}
