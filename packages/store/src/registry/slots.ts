/** A number of places that work waits for in the order it comes. */
export class Slots {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(count: number) {
    this.#free = Math.max(1, count)
  }

  /**
   * Does the work once there is a place for it. The place is given up when the work says that it no longer needs it,
   * and at the latest when it has ended, however it ends.
   */
  async within<T>(signal: AbortSignal, work: (giveUp: () => void) => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    let isGivenUp = false
    const giveUp = () => {
      if (isGivenUp) return
      isGivenUp = true
      const next = this.#waiting.shift()
      if (next === undefined) this.#free++
      else next()
    }
    try {
      // Who stops stops all of them, so that whoever waits comes here soon.
      signal.throwIfAborted()
      return await work(giveUp)
    } finally {
      giveUp()
    }
  }
}
