import type { ExecutorBench } from './executor-bench.js'

/** One promise of an executor, as a check that any test runner can run. */
export interface ExecutorCheck {
  /** A sentence of behaviour. */
  readonly name: string
  /**
   * Throws an AssertionError when the executor breaks the promise. Answers with the reason when the executor does not
   * make it.
   */
  run(bench: ExecutorBench): Promise<string | undefined>
}

/** Checks by their sentences, as the files of this folder hold them. */
export type ExecutorChecks = Readonly<Record<string, (bench: ExecutorBench) => Promise<void>>>

/** Ends a check of what an executor does not promise; it says so in what it `lacks`. */
export class NotPromised extends Error {}

export const NO_ISOLATION = 'nothing is isolated'
export const ONE_ID = 'there is one user only'
