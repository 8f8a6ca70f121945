import { isAbsolute, relative, resolve, sep } from 'node:path'
import { CooperageError } from '@cooperage/store/errors'

/** A path of `--ignore-from` as a path in the context: a relative one is that already. @throws E_CLI */
export function insideContext(context: string, path: string): string {
  const inside = isAbsolute(path) ? relative(resolve(context), path) : path
  if (inside !== '' && inside !== '..' && !inside.startsWith(`..${sep}`)) return inside
  throw new CooperageError('E_CLI', `--ignore-from ${JSON.stringify(path)} is not in the context`, {
    hint: 'name a file of the context, by its path there',
  })
}
