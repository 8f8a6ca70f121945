/** Longest waits in milliseconds. */
export interface Timeouts {
  /** Name, connection, TLS. */
  readonly connect: number
  /** From the end of the request to the head of the answer. */
  readonly head: number
  /** A pause within a body, either way. */
  readonly stall: number
}

export const DEFAULT_TIMEOUTS: Timeouts = { connect: 30_000, head: 60_000, stall: 60_000 }
