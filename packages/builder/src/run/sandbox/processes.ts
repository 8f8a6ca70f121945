import { readdirSync } from 'node:fs'
import { processFields } from './process-fields.js'
import { readProc } from './read-proc.js'

/** A process that was started, by whatever ways, by another one. */
export interface Descendant {
  readonly pid: number
  readonly parent: number
  /** How many PID namespaces it is in beyond the one that /proc shows. */
  readonly depth: number
  /** False for the first process of a PID namespace that has no handler for TERM: the kernel keeps it from such. */
  readonly mindsTerm: boolean
}

const TERM_BIT = 1n << 14n

/** Everything below a process that still runs, as /proc tells it at this moment. */
export function descendantsOf(ancestor: number): Descendant[] {
  const children = new Map<number, number[]>()
  for (const name of readdirSync('/proc', { encoding: 'latin1' })) {
    if (!/^\d+$/.test(name)) continue
    const [state, parent] = processFields(name)
    if (state === undefined || state === 'Z') continue
    const siblings = children.get(Number(parent))
    if (siblings) siblings.push(Number(name))
    else children.set(Number(parent), [Number(name)])
  }
  const found: Descendant[] = []
  const open = [ancestor]
  for (let above = open.pop(); above !== undefined; above = open.pop()) {
    for (const pid of children.get(above) ?? []) {
      open.push(pid)
      const process = describe(pid, above)
      if (process) found.push(process)
    }
  }
  return found
}

function describe(pid: number, parent: number): Descendant | undefined {
  const status = readProc(`${pid}/status`)
  if (status === undefined) return undefined
  const ids = /^NSpid:\s*(.*)$/m.exec(status)?.[1]?.split(/\s+/) ?? []
  const caught = BigInt(`0x${/^SigCgt:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`)
  const isFirst = ids.length > 1 && ids.at(-1) === '1'
  return {
    pid,
    parent,
    depth: Math.max(ids.length - 1, 0),
    mindsTerm: !isFirst || (caught & TERM_BIT) !== 0n,
  }
}
