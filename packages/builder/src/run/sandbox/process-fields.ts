import { readProc } from './read-proc.js'

/** `state parent …` of /proc/PID/stat: what follows the name, which may hold anything. None of a process that is gone. */
export function processFields(pid: number | string): string[] {
  const stat = readProc(`${pid}/stat`)
  return stat === undefined ? [] : stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}
