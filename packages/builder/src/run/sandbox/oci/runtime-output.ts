import type { RunContainerOptions } from '../executor.js'

type OnOutput = RunContainerOptions['onOutput']

/** How messages of runc and crun begin. */
const RUNTIME_WORDS = /^(?:time="|\{"|runc |crun|exec |container_linux|\d{4}-\d\d-\d\dT)/
const LIMIT = 4096

/**
 * A runtime that cannot start the program says so on the container's stderr before it logs it. What may be such words,
 * as the first of that stream, waits until more is written or the end tells what they were.
 */
export class RuntimeOutput {
  readonly #onOutput: OnOutput
  #held: Uint8Array | undefined
  #begun = false

  constructor(onOutput: OnOutput) {
    this.#onOutput = onOutput
  }

  async take(stream: 'stdout' | 'stderr', chunk: Uint8Array): Promise<void> {
    if (stream === 'stderr' && !this.#begun) {
      this.#begun = true
      if (chunk.length < LIMIT && RUNTIME_WORDS.test(Buffer.from(chunk).toString('latin1'))) {
        this.#held = chunk
        return
      }
    }
    await this.end()
    await this.#onOutput(stream, chunk)
  }

  /** They were the container's own. */
  async end(): Promise<void> {
    const held = this.#held
    this.#held = undefined
    if (held) await this.#onOutput('stderr', held)
  }
}
