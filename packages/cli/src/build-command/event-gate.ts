/** Lets a reader of events through, or holds it back. */
export class EventGate {
  #open: Promise<void> | undefined
  #release: () => void = () => {}
  readonly #onClose: () => void

  /** `onClose` is called whenever it closes: the screen is to be left as it is. */
  constructor(onClose: () => void) {
    this.#onClose = onClose
  }

  /** Undefined when it is open. */
  passage(): Promise<void> | undefined {
    return this.#open
  }

  begin(): void {
    this.#open ??= new Promise((resolve) => {
      this.#release = resolve
    })
    this.#onClose()
  }

  end(): void {
    this.#open = undefined
    this.#release()
  }
}
