import type { BlobInfo, BlobStore, WriterOptions } from '../blobs/blob-store.js'

/** Streams content into a blob, which becomes visible when all is there and as announced. */
export async function copyIntoStore(
  store: BlobStore,
  content: AsyncIterable<Uint8Array>,
  options: WriterOptions = {},
): Promise<BlobInfo> {
  await using writer = await store.writer(options)
  // Copied: the writer takes its chunks over, and these are the source's own.
  for await (const chunk of content) await writer.write(new Uint8Array(chunk))
  const { digest, size } = await writer.commit()
  return { digest, size }
}
