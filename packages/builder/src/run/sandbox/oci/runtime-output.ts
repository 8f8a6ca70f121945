import type { CooperageError } from '@cooperage/store'
import type { RunContainerOptions } from '../executor.js'
import { execFailure } from './runtime-log.js'

type OnOutput = RunContainerOptions['onOutput']

/** How messages of runc and crun begin. */
const RUNTIME_WORDS = /^(?:time="|\{"|runc |crun|exec |container_linux|\d{4}-\d\d-\d\dT)/
const LIMIT = 4096

/**
 * A runtime that cannot start the program says so on the container's stderr, and does not always log it. What may be such words,
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

  /** What the words mean when they are all that was ever written: runc says with them that execve(2) failed. */
  startFailure(exit: { readonly exitCode: number }, program: string): CooperageError | undefined {
    if (this.#held === undefined || exit.exitCode === 0) return undefined
    return execFailure(Buffer.from(this.#held).toString('utf8'), program)
  }

  /** They were the container's own. */
  async end(): Promise<void> {
    const held = this.#held
    this.#held = undefined
    if (held) await this.#onOutput('stderr', held)
  }
}
