import { readFileSync, readlinkSync } from 'node:fs'
import { hasErrno } from '../errors.js'

/** What tells one process from every other that this or another boot ever ran. Absent where /proc is. */
export interface ProcessMark {
  readonly pid: number
  readonly boot?: string
  /** The namespace in which `pid` has its meaning: two containers may share a store. */
  readonly pidNamespace?: string
  /** In clock ticks since the boot: a process id is used again, with another start. */
  readonly started?: string
}

/** The mark of this process. */
export function ownProcessMark(): ProcessMark {
  const id = bootId()
  const pidNamespace = readProc(() => readlinkSync('/proc/self/ns/pid'))
  const started = startOf('self')
  return {
    pid: process.pid,
    ...(id === undefined ? {} : { boot: id }),
    ...(pidNamespace === undefined ? {} : { pidNamespace }),
    ...(started === undefined ? {} : { started }),
  }
}

let boot: { readonly id: string | undefined } | undefined

/** The id of this boot of the machine, where the kernel gives one. */
export function bootId(): string | undefined {
  // Asked for once for each tree of a store, and no process lives through two.
  boot ??= { id: readProc(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()) }
  return boot.id
}

/** False only when it is certain that the process has ended. */
export function mayBeAlive(mark: ProcessMark): boolean {
  const own = ownProcessMark()
  if (mark.boot !== own.boot) return mark.boot === undefined || own.boot === undefined
  if (mark.pidNamespace !== own.pidNamespace) return true
  if (mark.started !== undefined && own.started !== undefined) {
    return startOf(String(mark.pid)) === mark.started
  }
  try {
    process.kill(mark.pid, 0)
    return true
  } catch (error) {
    return !hasErrno(error, 'ESRCH')
  }
}

/** Field 22 of /proc/pid/stat; the name of the program before it may hold spaces and parentheses. */
function startOf(pid: string): string | undefined {
  const stat = readProc(() => readFileSync(`/proc/${pid}/stat`, 'latin1'))
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
}

function readProc(read: () => string): string | undefined {
  try {
    return read()
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'EACCES', 'EPERM', 'ESRCH', 'ENOTDIR')) return undefined
    throw error
  }
}
