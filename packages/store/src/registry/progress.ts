import type { RegistryEvent } from './events.js'
import type { Call } from './transport/call.js'

/** Bytes between two events. */
const STEP = 1 << 20
/** Milliseconds between two events: nobody sees more, and to tell of each piece takes longer than to move it. */
const PAUSE = 50

type Progress = Extract<RegistryEvent, { kind: 'progress' }>

/** Tells how far a transfer is: at its beginning and at its end, and in between at most every MiB and every 50 ms. */
export function progressOf(
  call: Call,
  about: Pick<Progress, 'direction' | 'digest' | 'size'>,
): (done: number) => void {
  let told = Number.NEGATIVE_INFINITY
  let at = Number.NEGATIVE_INFINITY
  return (done) => {
    if (done === told) return
    if (done !== about.size && done !== 0) {
      if (Math.abs(done - told) < STEP) return
      const now = performance.now()
      if (now - at < PAUSE) return
      at = now
    }
    told = done
    call.emit({ kind: 'progress', ...about, done })
  }
}
