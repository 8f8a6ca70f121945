import { hasErrno } from '@cooperage/store'
import { type Descendant, descendantsOf } from './processes.js'

export interface StopOptions {
  /** The first process of init-program.ts. */
  readonly pid: number
  /** PID namespaces between that and the container's processes; 0 where there are none. */
  readonly depth: number
  /** Resolves when the first process has ended, and with it the container. */
  readonly ended: Promise<unknown>
  /** Ends everything, the processes around the container included. */
  readonly abandon: () => void
}

/** Milliseconds between TERM and KILL. */
const GRACE = 10_000
const TURN = 20
/** What is around a container gets so long to start or to clear up. */
const LAST = 500

/**
 * Ends a container: TERM to each of its processes, and KILL to what is left when those that TERM could reach are gone,
 * or after ten seconds. A shell that is the first process of its namespace does not get TERM at all unless it has a
 * handler; it would go on with its next command, so nobody waits for it.
 */
export async function stopContainer(options: StopOptions): Promise<void> {
  let over = false
  const ended = options.ended.then(() => {
    over = true
  })
  const turn = (): Promise<unknown> => Promise.race([ended, delay(TURN)])
  const asked = new Set<number>()
  for (const process of processesOf(options)) {
    if (process.mindsTerm) asked.add(process.pid)
    send(process.pid, 'SIGTERM')
  }
  const patience = Date.now() + GRACE
  while (!over && Date.now() < patience && processesOf(options).some(({ pid }) => asked.has(pid)))
    await turn()
  let deadline = Date.now() + LAST
  while (!over && Date.now() < deadline) {
    for (const { pid } of processesOf(options)) {
      send(pid, 'SIGKILL')
      deadline = Date.now() + LAST
    }
    await turn()
  }
  if (!over) options.abandon()
  await ended
}

function processesOf({ pid, depth }: StopOptions): Descendant[] {
  // Without namespaces, all below the keeper, which is a child of the first process.
  return descendantsOf(pid).filter((process) => process.depth >= depth && process.parent !== pid)
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    // EPERM: a security module has a say; what cannot be reached ends with the namespace.
    if (!hasErrno(error, 'ESRCH', 'EPERM')) throw error
  }
}

function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
