import { CooperageError, isCooperageError } from '@cooperage/store'
import { suggestion } from '../instructions/suggest.js'

/** Images that many Dockerfiles begin with: what a name that is near to one of them may have meant. */
const COMMON_IMAGES = [
  'alpine',
  'busybox',
  'centos',
  'debian',
  'fedora',
  'golang',
  'node',
  'python',
  'ubuntu',
]

/** An image that is not found, with the stage or the well-known image that its name is near to. */
export function didYouMean(error: unknown, name: string, stages: readonly string[]): unknown {
  if (!isCooperageError(error) || !/NOT_FOUND/.test(error.code)) return error
  const said = suggestion(name, [...stages, ...COMMON_IMAGES])
  if (said === '') return error
  const { code, category, hint, data, location, cause } = error
  return new CooperageError(code, error.message + said, {
    category,
    data,
    ...(hint !== undefined && { hint }),
    ...(location !== undefined && { location }),
    ...(cause !== undefined && { cause }),
  })
}
