import { CooperageError } from '@cooperage/store'

/**
 * A path inside an image of this system, with slashes and without the drive: `C:\\x` of Windows is `/x`, and `C:x` is
 * `x`, which is relative. Not cleaned. Paths of other systems stay as they are.
 * @throws E_DF_PATH for a path of Windows that is on no drive or another one than C:
 */
export function imagePath(path: string, os: string): string {
  if (os !== 'windows') return path
  const slashed = path.replaceAll('\\', '/')
  const refuse = (why: string, hint: string) =>
    new CooperageError('E_DF_PATH', `removing drive letter: ${why}`, { hint, data: { path } })
  if (slashed.startsWith('//')) {
    throw refuse('UNC paths are not supported', 'write the path on the drive C: of the image')
  }
  const colon = slashed.indexOf(':')
  if (colon === -1) return slashed
  if (slashed.length === 2 && colon === 1) {
    throw refuse(`No relative path specified in ${JSON.stringify(path)}`, 'C:/ is the root of the image')
  }
  if (slashed.slice(0, colon).toLowerCase() !== 'c') {
    throw refuse('The specified path is not on the system drive (C:)', 'an image has no other drive')
  }
  return slashed.slice(colon + 1)
}
