import { imagePath } from './image-path.js'
import { absolutePath } from './unix-path.js'

/**
 * `WorkingDir` of a config: an absolute path as written, a relative one joined and clean; nothing leaves it as it is.
 * That of Windows is always clean, and has backslashes and no drive.
 * @throws E_DF_PATH
 */
export function workingDirectory(current: string, written: string, os: string): string {
  const path = imagePath(written, os)
  if (os !== 'windows' && path.startsWith('/')) return path
  if (os !== 'windows' && path === '' && current.startsWith('/')) return current
  return systemPath(absolutePath(imagePath(current, os), path), os)
}

function systemPath(path: string, os: string): string {
  return os === 'windows' ? path.replaceAll('/', '\\') : path
}
