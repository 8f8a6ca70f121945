import type { RegistryEvent } from './events.js'
import type { Call } from './transport/call.js'

/** Bytes between two events. */
const STEP = 1 << 20

type Progress = Extract<RegistryEvent, { kind: 'progress' }>

/** Tells how far a transfer is: at its beginning, every MiB, and at its end. */
export function progressOf(
  call: Call,
  about: Pick<Progress, 'direction' | 'digest' | 'size'>,
): (done: number) => void {
  let told = Number.NEGATIVE_INFINITY
  return (done) => {
    if (done === told || (Math.abs(done - told) < STEP && done !== about.size && done !== 0)) return
    told = done
    call.emit({ kind: 'progress', ...about, done })
  }
}
