import { MessageChannel } from 'node:worker_threads'

const WORTH_FREEING = 1 << 16

const { port1: drain, port2: drained } = new MessageChannel()
drained.close()
drain.unref()

/**
 * Gives back the memory of a chunk that nobody needs any more. The garbage collector sees a small object and lets
 * many megabytes behind such objects pile up; what is sent to a closed port is freed at once. For chunks that have
 * a buffer to themselves; others are left alone.
 */
export function freeChunk(chunk: Uint8Array): void {
  const { buffer } = chunk
  if (chunk.byteLength < WORTH_FREEING || chunk.byteLength !== buffer.byteLength) return
  if (buffer instanceof ArrayBuffer) drain.postMessage(null, [buffer])
}
