/** Values from one writer for one reader, who may come late or never; the writer never waits. */
export class EventQueue<T extends { readonly type: string }> {
  #waiting: T[] = []
  #wake: (() => void) | undefined
  #ended = false
  #hasReader = false

  push(value: T): void {
    // Progress that nobody looks at would only pile up.
    if (!this.#hasReader && value.type === 'progress') return
    this.#waiting.push(value)
    this.#wake?.()
  }

  end(): void {
    this.#ended = true
    this.#wake?.()
  }

  async *iterate(): AsyncGenerator<T> {
    this.#hasReader = true
    while (true) {
      const batch = this.#waiting
      this.#waiting = []
      yield* batch
      if (this.#waiting.length > 0) continue
      if (this.#ended) return
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      this.#wake = undefined
    }
  }
}
