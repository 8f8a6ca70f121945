import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { hasErrno } from '@cooperage/store'
import type { Container, ContainerExit } from './container.js'

/** What wait(2) tells of a process: the signal in the lower seven bits, the code in the next byte. */
export function exitOf(status: number): Omit<ContainerExit, 'outOfMemory'> {
  const number = status & 0x7f
  if (number === 0) return { exitCode: (status >> 8) & 0xff }
  const signal = Object.entries(constants.signals).find(([, value]) => value === number)?.[0]
  return { exitCode: 128 + number, ...(signal === undefined ? {} : { signal: signal as NodeJS.Signals }) }
}

/** Counts what the kernel killed for want of memory, on the whole machine. */
export class MemoryWatch {
  readonly #before = oomKills()

  /** Another container may have been meant when both ran short at once; a death by KILL of our own is told by its code. */
  isToBlame({ exitCode }: { readonly exitCode: number }, { limits }: Container): boolean {
    const KILLED = 128 + constants.signals.SIGKILL
    if (exitCode === 0 || (exitCode !== KILLED && limits.memory === undefined)) return false
    return oomKills() > this.#before
  }
}

function oomKills(): number {
  try {
    return Number(/^oom_kill (\d+)$/m.exec(readFileSync('/proc/vmstat', 'latin1'))?.[1] ?? 0)
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'EACCES')) return 0
    throw error
  }
}
