import { posix } from 'node:path'

/** The path without `.`, `..`, double or final slashes; an empty path is `.`. */
export function cleanPath(path: string): string {
  const normal = posix.normalize(path)
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal
}

/** Absolute and clean; a relative path starts at `directory`. */
export function absolutePath(directory: string, path: string): string {
  return cleanPath(path.startsWith('/') ? path : `/${directory}/${path}`)
}

/**
 * Destination of COPY: absolute and clean, but a final `/` or `/.` stays, as it says "into this directory".
 * Empty and `.` are the working directory, which is a directory too.
 */
export function destinationPath(workdir: string, path: string): string {
  const written = path === '' || path === '.' ? './' : path
  const clean = absolutePath(workdir, written)
  const slashed = clean === '/' ? clean : `${clean}/`
  if (written.endsWith('/')) return slashed
  return written.endsWith('/.') ? `${slashed}.` : clean
}
