/**
 * The first bytes of a stream (at least `length`, unless it is shorter), and the whole stream, these included.
 * `stream.return()` closes the source, also when nothing has been read of `stream` (a generator would not).
 */
export async function peekStream(
  source: AsyncIterable<Uint8Array>,
  length: number,
): Promise<{ head: Uint8Array; stream: ClosableStream }> {
  const iterator = source[Symbol.asyncIterator]()
  let head: Uint8Array = new Uint8Array(0)
  let done = false
  while (head.length < length && !done) {
    const next = await iterator.next()
    if (next.done) done = true
    // Copied, because a chunk is the reader's only until it asks for the next.
    else head = Buffer.concat([head, next.value])
  }
  let headLeft = head.length > 0
  const stream: ClosableStream = {
    async next() {
      if (headLeft) {
        headLeft = false
        return { value: head, done: false }
      }
      return done ? { value: undefined, done } : iterator.next()
    },
    async return() {
      done = true
      headLeft = false
      await iterator.return?.()
      return { value: undefined, done }
    },
    [Symbol.asyncIterator]: () => stream,
  }
  return { head, stream }
}

/** An iterator that has a `return`, and is its own iterable. */
export interface ClosableStream {
  next(): Promise<IteratorResult<Uint8Array, undefined>>
  return(): Promise<IteratorResult<Uint8Array, undefined>>
  [Symbol.asyncIterator](): ClosableStream
}
