/**
 * The first bytes of a stream (at least `length`, unless it is shorter), and the whole stream, these included. When
 * `stream` is not read to its end it must still be closed with `return()`, as any iterator.
 */
export async function peekStream(
  source: AsyncIterable<Uint8Array>,
  length: number,
): Promise<{ head: Uint8Array; stream: AsyncGenerator<Uint8Array> }> {
  const iterator = source[Symbol.asyncIterator]()
  let head: Uint8Array = new Uint8Array(0)
  let done = false
  while (head.length < length && !done) {
    const next = await iterator.next()
    if (next.done) done = true
    // Copied, because a chunk is the reader's only until it asks for the next.
    else head = Buffer.concat([head, next.value])
  }
  return { head, stream: replay() }

  async function* replay(): AsyncGenerator<Uint8Array> {
    try {
      if (head.length > 0) yield head
      while (!done) {
        const next = await iterator.next()
        if (next.done) return
        yield next.value
      }
    } finally {
      await iterator.return?.()
    }
  }
}
