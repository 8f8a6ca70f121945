import type { SparseRun } from '../tree/node.js'

const HOLE_CHUNK = 64 << 10

/**
 * The bytes of a sparse file as a reader of it sees them. `data` yields at most as many stored bytes as it is asked
 * for, one run after the other.
 */
export async function* expandSparse(
  runs: readonly SparseRun[],
  size: number,
  data: (limit: number) => Promise<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let position = 0
  for (const run of runs) {
    yield* zeros(run.at - position)
    for (let rest = run.length; rest > 0; ) {
      const bytes = await data(rest)
      rest -= bytes.length
      yield bytes
    }
    position = run.at + run.length
  }
  yield* zeros(size - position)
}

function* zeros(length: number): Generator<Uint8Array> {
  if (length <= 0) return
  // Made for each hole: a consumer may detach the buffer of a chunk, or write into it.
  for (let rest = length; rest > 0; rest -= HOLE_CHUNK) yield new Uint8Array(Math.min(rest, HOLE_CHUNK))
}
