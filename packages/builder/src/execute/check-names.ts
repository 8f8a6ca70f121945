import { type ByteString, CooperageError, joinNames, toUtf8 } from '@cooperage/store'

/** NAME_MAX and PATH_MAX of Linux, the latter without its zero. */
const MAX_NAME = 255
const MAX_PATH = 4095

/** Refuses a path that Linux cannot make: an image with it could be unpacked nowhere. @throws E_PATH_LENGTH */
export function checkNames(names: readonly ByteString[]): void {
  const path = joinNames(names)
  if (path.length <= MAX_PATH && names.every((name) => name.length <= MAX_NAME)) return
  throw new CooperageError('E_PATH_LENGTH', `file name too long: ${toUtf8(path.slice(0, 300))}`, {
    hint: `a name has at most ${MAX_NAME} bytes, a path ${MAX_PATH}`,
    data: { bytes: path.length },
  })
}
