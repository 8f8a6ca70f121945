import type { Readable, Writable } from 'node:stream'

/** A process that does one request of init-program.ts. */
export interface InitProcess {
  readonly pid: number
  /** Takes the request, then a byte that lets the container start. Its end ends the container. */
  readonly requests: Writable
  /** The lines in which it tells what happened. Ends with the last process that knows them. */
  readonly messages: Readable
  /** Resolves when it has ended: to how, as wait(2) tells it, where somebody knows. */
  readonly gone: Promise<number | undefined>
  /** What the programs around the container say. */
  readonly words: Readable
  /** Of the container. Absent when it has the builder's own. */
  readonly outputs?: { readonly stdout: Readable; readonly stderr: Readable }
}
