import { CooperageError } from '@cooperage/store/errors'

const CODES: Readonly<Partial<Record<NodeJS.Signals, number>>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }
// As a shell counts a death by SIGPIPE.
const READER_GONE = 141

/** Turns signals and a reader that went away into one AbortSignal, and remembers what the process must end with. */
export class Interruption {
  readonly #controller = new AbortController()
  readonly #onSecond: (exitCode: number) => void
  #exitCode: number | undefined
  #quiet = false

  /** `onSecond` is called when a person asks again while the first request is still being obeyed. */
  constructor(onSecond: (exitCode: number) => void) {
    this.#onSecond = onSecond
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Undefined while nothing asked to stop. */
  get exitCode(): number | undefined {
    return this.#exitCode
  }

  /** True when there is nobody left to tell. */
  get quiet(): boolean {
    return this.#quiet
  }

  listen(target: NodeJS.Process, onFirst: () => void): void {
    for (const name of Object.keys(CODES) as NodeJS.Signals[]) {
      target.on(name, () => {
        const code = CODES[name]!
        if (this.#exitCode !== undefined) {
          this.#onSecond(code)
          return
        }
        if (name === 'SIGINT') onFirst()
        this.#stop(code, name)
      })
    }
  }

  /** Nobody reads our stdout any more (EPIPE): stop, and say nothing. */
  readerGone(): void {
    this.#quiet = true
    if (this.#exitCode === undefined) this.#stop(READER_GONE, 'EPIPE')
  }

  #stop(code: number, name: string): void {
    this.#exitCode = code
    this.#controller.abort(
      new CooperageError('E_INTERRUPTED', 'stopped before the end', {
        category: 'interrupted',
        data: { signal: name },
      }),
    )
  }
}
