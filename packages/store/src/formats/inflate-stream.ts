import type { Transform } from 'node:stream'

/** A decompressor of `node:zlib`; `bytesWritten` counts the input it has used. */
export type Decompressor = Transform & { readonly bytesWritten: number }

/**
 * Runs a stream through a decompressor of `node:zlib`, one chunk at a time. Zero bytes after the compressed data are
 * padding; anything else there makes `trailing` be thrown (zlib itself would ignore what follows a zero byte).
 * Errors of the decompressor come out as they are.
 */
export async function* inflateStream(
  source: AsyncIterable<Uint8Array>,
  engine: Decompressor,
  trailing: () => Error,
): AsyncGenerator<Uint8Array> {
  let state: 'running' | 'ended' | 'stopped' = 'running'
  const over = new Promise<void>((resolve) => {
    engine.once('end', () => {
      if (state === 'running') state = 'ended'
      resolve()
    })
    engine.once('close', () => resolve())
  })
  const current = () => state
  const feeding = feed().catch((error: Error) => {
    engine.destroy(error)
    throw error
  })
  // Awaited below; this only keeps an early failure from counting as unhandled.
  feeding.catch(() => undefined)
  try {
    for await (const chunk of engine) yield chunk as Uint8Array
    await feeding
  } finally {
    state = 'stopped'
    engine.destroy()
    await feeding.catch(() => undefined)
  }

  async function feed(): Promise<void> {
    let fed = 0
    for await (const chunk of source) {
      if (current() === 'stopped' || engine.errored) return
      let rest = chunk
      if (current() === 'running') {
        fed += chunk.length
        // When the data ends inside the chunk, the callback comes before the "end", or never.
        await Promise.race([new Promise((resolve) => engine.write(chunk, resolve)), over])
        if (current() === 'stopped' || engine.errored) return
        if (current() === 'running' && engine.bytesWritten === fed) continue
        state = 'ended'
        rest = chunk.subarray(chunk.length - (fed - engine.bytesWritten))
      }
      if (rest.some((byte) => byte !== 0)) throw trailing()
    }
    if (current() === 'running') engine.end()
  }
}
