import { spawn } from 'node:child_process'

/**
 * `locked`: held until the descriptor is closed, by us or by the kernel when this process ends, however it ends.
 * `busy`: another open file description holds it. `unavailable`: no `flock(1)`, or a file system without locks.
 */
export type LockOutcome = 'locked' | 'busy' | 'unavailable'

/**
 * Takes flock(2) on an open file without waiting; a lock of the other kind that it has is exchanged. Node has no such call: a short-lived `flock(1)` inherits the
 * descriptor, and the lock stays, for it belongs to the open file description, which we share and keep.
 */
export function lockDescriptor(fd: number, kind: 'exclusive' | 'shared' = 'exclusive'): Promise<LockOutcome> {
  return new Promise((resolve) => {
    const child = spawn('flock', ['-n', kind === 'shared' ? '-s' : '-x', '3'], {
      stdio: ['ignore', 'ignore', 'ignore', fd],
    })
    child.once('error', () => resolve('unavailable'))
    child.once('exit', (code) => resolve(code === 0 ? 'locked' : code === 1 ? 'busy' : 'unavailable'))
  })
}
