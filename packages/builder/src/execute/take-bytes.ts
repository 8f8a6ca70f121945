import type { OpenContent } from '@cooperage/store'

/** The next bytes of an open file, as many as asked for unless it ends. */
export function takeBytes(content: Pick<OpenContent, 'read'>, length: number): Buffer {
  const buffer = Buffer.allocUnsafe(length)
  let done = 0
  while (done < length) {
    const read = content.read(buffer.subarray(done))
    if (read === 0) break
    done += read
  }
  return buffer.subarray(0, done)
}
