import type { CooperageError } from '@cooperage/store'
import type { RunContainerOptions } from '../executor.js'
import { execFailure } from './runtime-log.js'

type OnOutput = RunContainerOptions['onOutput']

/** How messages of runc and crun begin. */
const RUNTIME_WORDS = /^(?:time="|\{"|runc |crun|exec |container_linux|\d{4}-\d\d-\d\dT)/
const LIMIT = 4096
/** Milliseconds after which a runtime that wrote them has ended; a program that goes on may write nothing for long. */
const PATIENCE = 200

/**
 * A runtime that cannot start the program says so on the container's stderr, and does not always log it. What may be such
 * words, as the first of that stream, waits until more is written, the end tells what they were, or a moment has passed.
 */
export class RuntimeOutput {
  readonly #onOutput: OnOutput
  /** All that was ever written, if it may be such words. */
  #words: Uint8Array | undefined
  #isHeld = false
  #begun = false
  #timer: NodeJS.Timeout | undefined
  #shown: Promise<void> = Promise.resolve()

  constructor(onOutput: OnOutput) {
    this.#onOutput = onOutput
  }

  async take(stream: 'stdout' | 'stderr', chunk: Uint8Array): Promise<void> {
    if (stream === 'stderr' && !this.#begun) {
      this.#begun = true
      if (chunk.length < LIMIT && RUNTIME_WORDS.test(Buffer.from(chunk).toString('latin1'))) {
        this.#words = chunk
        this.#isHeld = true
        // A failure is thrown to whoever writes or ends next.
        this.#timer = setTimeout(() => this.end().catch(() => {}), PATIENCE)
        return
      }
    }
    await this.end()
    this.#words = undefined
    await this.#onOutput(stream, chunk)
  }

  /** What the words mean when they are all that was ever written: runc says with them that execve(2) failed. */
  startFailure(exit: { readonly exitCode: number }, program: string): CooperageError | undefined {
    if (this.#words === undefined || exit.exitCode === 0) return undefined
    return execFailure(Buffer.from(this.#words).toString('utf8'), program)
  }

  /** They were the container's own. */
  end(): Promise<void> {
    this.stop()
    if (this.#isHeld) {
      this.#isHeld = false
      this.#shown = (async () => this.#onOutput('stderr', this.#words!))()
    }
    return this.#shown
  }

  /** Nothing is shown of itself any more. */
  stop(): void {
    clearTimeout(this.#timer)
  }
}
