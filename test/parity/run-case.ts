import type { ParityCase } from './parity-case.js'

/** Later than all that the bases hold, so that what a step leaves alone keeps its time, and earlier than any clock. */
const EPOCH = 1_750_000_000

/** Ends what adds a user on Debian: shadow(5) has days in its third field, that of the step and that of the image. */
export const DAY_ONE = "sed -i 's/^\\([^:]*:[^:]*:\\)[0-9]*/\\11/' /etc/shadow /etc/shadow-"

/** A case with RUN; on busybox unless its Dockerfile says otherwise. */
export function runCase(name: string, dockerfile: string, more: Partial<ParityCase> = {}): ParityCase {
  const text = /^(?:FROM|# syntax|# escape)/m.test(dockerfile) ? dockerfile : `FROM busybox\n${dockerfile}`
  return { name, dockerfile: `${text}\n`, epoch: EPOCH, runs: true, ...more }
}
