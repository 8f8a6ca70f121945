import { CooperageError } from '@cooperage/store'

type Ending = { readonly failure?: { readonly error: unknown } }

/** Values from one writer for one reader, who may come late or never; the writer never waits. */
export class EventQueue<T extends { readonly type: string }> {
  #waiting: T[] = []
  /** Of those that wait, how many have been read. */
  #read = 0
  #wake: (() => void) | undefined
  #ending: Ending | undefined
  #hadReader = false
  #hasReader = false

  push(value: T): void {
    // Progress that nobody looks at would only pile up.
    if (!this.#hadReader && value.type === 'progress') return
    this.#waiting.push(value)
    this.#wake?.()
  }

  /** With a failure, the reader gets its error after the last value. */
  end(ending: Ending = {}): void {
    this.#ending = ending
    this.#wake?.()
  }

  /** Whoever stops before the end may go on with another iteration. @throws E_EVENTS_TAKEN beside one that goes on */
  async *iterate(): AsyncGenerator<T> {
    if (this.#hasReader) {
      throw new CooperageError('E_EVENTS_TAKEN', 'the events of a build go to one reader at a time', {
        hint: 'read them once, and hand each on to all who want it',
      })
    }
    this.#hadReader = true
    this.#hasReader = true
    try {
      while (true) {
        while (this.#read < this.#waiting.length) yield this.#waiting[this.#read++]!
        this.#waiting = []
        this.#read = 0
        if (this.#ending !== undefined) break
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
        this.#wake = undefined
      }
    } finally {
      this.#hasReader = false
    }
    if (this.#ending.failure !== undefined) throw this.#ending.failure.error
  }
}
