import { accessSync, constants, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { hasErrno } from '@cooperage/store'

/** Programs of this machine that executors use. */
export const TOOL_NAMES = ['perl', 'runc', 'crun', 'newuidmap', 'newgidmap', 'fuse-overlayfs'] as const

export type ToolName = (typeof TOOL_NAMES)[number]

/** Absolute paths of what is there. */
export type HostTools = Readonly<Partial<Record<ToolName, string>>>

/** Where programs of the system are. An administrator's tools are often not in the PATH of others. */
export const TOOL_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** `path` as in the variable PATH, looked at before the usual places; entries that are not absolute do not count. */
export function findTools(path = ''): HostTools {
  const places = [...path.split(':').filter((place) => place.startsWith('/')), ...TOOL_PATH.split(':')]
  const found = TOOL_NAMES.map((name) => [name, places.map((place) => join(place, name)).find(isProgram)])
  return Object.fromEntries(found.filter(([, path]) => path !== undefined))
}

/** Changes when the program is another one. */
export function toolStamp(path: string | undefined): string {
  if (path === undefined) return 'none'
  const real = realpathSync(path)
  const { mtimeMs, size, ino } = statSync(real)
  return `${real}:${mtimeMs}:${size}:${ino}`
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'EACCES', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG')) return false
    throw error
  }
}
