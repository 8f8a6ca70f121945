import { isAbsolute, join } from 'node:path'
import { CooperageError } from '@cooperage/store/errors'

const FOLDERS = {
  data: { variable: 'XDG_DATA_HOME', below: '.local/share', instead: '--store or COOPERAGE_STORE' },
  config: { variable: 'XDG_CONFIG_HOME', below: '.config', instead: '--config or COOPERAGE_CONFIG' },
} as const

/**
 * Our folder among the user's (XDG Base Directory Specification: an unset, empty or relative variable
 * means the default below HOME). @throws E_HOME when there is no HOME to be below.
 */
export function userFolder(
  kind: 'data' | 'config',
  env: Readonly<Record<string, string | undefined>>,
): string {
  const { variable, below, instead } = FOLDERS[kind]
  const chosen = env[variable]
  if (chosen && isAbsolute(chosen)) return join(chosen, 'cooperage')
  const home = env.HOME
  if (home && isAbsolute(home)) return join(home, below, 'cooperage')
  throw new CooperageError(
    'E_HOME',
    home ? `HOME is not an absolute path: ${JSON.stringify(home)}` : `neither ${variable} nor HOME is set`,
    { hint: `set HOME, or name the place with ${instead}` },
  )
}
