import { once } from 'node:events'
import type { Writable } from 'node:stream'

/** Where an archive goes. */
export interface ByteSink {
  /** Resolves when the chunk has been used and the next is welcome. */
  write(chunk: Uint8Array): Promise<void>
}

/**
 * A sink over a stream, which stays open. A chunk counts as used when the stream says that it has passed it on: its
 * bytes may be overwritten after that.
 */
export function streamSink(stream: Writable): ByteSink {
  return {
    async write(chunk) {
      if (stream.errored) throw stream.errored
      await new Promise<void>((resolve, reject) => {
        stream.write(chunk, (error) => (error ? reject(error) : resolve()))
      })
      if (stream.writableNeedDrain) await once(stream, 'drain')
    },
  }
}
