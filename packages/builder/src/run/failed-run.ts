import type { CooperageError } from '@cooperage/store'
import type { ContainerExit } from './sandbox/container.js'
import type { RunContainerOptions } from './sandbox/executor.js'

/** A process of a RUN that failed, while its files are still there. */
export interface FailedRun {
  /** Absent for one of an earlier build. */
  readonly error?: CooperageError
  /** The instruction, `RUN make`. */
  readonly text: string
  /** Shells that the image has, the more comfortable first: `/bin/bash`, `/bin/sh`. */
  readonly shells: readonly string[]
  /**
   * Runs another process in its place, with its user, directory and variables: on this terminal, or with nothing on its
   * stdin and what it writes handed to `onOutput`. What it changes is kept for the next call with `after`, and becomes
   * part of no image.
   * @throws E_RUN_START, E_SANDBOX, and the abort reason
   */
  enter(options: EnterOptions): Promise<ContainerExit>
}

export interface EnterOptions {
  /** The files as they were just before the process started, or as it left them. */
  readonly state: 'before' | 'after'
  readonly args: readonly string[]
  /** More variables, `NAME=value`; TERM for a terminal. */
  readonly env?: readonly string[]
  /** Default: the process has the terminal. */
  readonly onOutput?: RunContainerOptions['onOutput']
  readonly signal: AbortSignal
}
