import { setImmediate } from 'node:timers/promises'

const LONGEST_TURN = 10

/**
 * Lets long synchronous work share the thread. Synchronous file calls take a fraction of the time of asynchronous
 * ones when there are many small ones, but nothing else runs meanwhile.
 */
export class Pacer {
  readonly #signal: AbortSignal | undefined
  #turnStart = performance.now()
  #steps = 0

  constructor(signal?: AbortSignal) {
    signal?.throwIfAborted()
    this.#signal = signal
  }

  /** Undefined when the work may go on at once; otherwise a promise for the next turn. Rejects when aborted. */
  step(): Promise<void> | undefined {
    if ((++this.#steps & 31) !== 0 || performance.now() - this.#turnStart < LONGEST_TURN) return undefined
    return this.#pause()
  }

  async #pause(): Promise<void> {
    await setImmediate()
    this.#signal?.throwIfAborted()
    this.#turnStart = performance.now()
  }
}
