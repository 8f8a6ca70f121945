import { type Digest, isDigest, type RecordStore } from '@cooperage/store'

/** What a URL gave once: its body is a blob of the store. */
export interface RemoteFile {
  readonly digest: Digest
  readonly size: number
  /** Last-Modified in seconds since 1970; 0 when the server did not say. */
  readonly mtime: number
}

/** A remembered file, with what lets a server say that it is still the same. */
export interface KnownFile extends RemoteFile {
  readonly etag?: string
  readonly lastModified?: string
}

const KIND = 'http'

/** What this URL gave last time, if its blob is there. */
export async function recallFile(records: RecordStore, url: string): Promise<KnownFile | undefined> {
  const text = await records.getText(KIND, url)
  return text === undefined ? undefined : parse(text)
}

/** Remembers a download. The blob must be in the store already. */
export async function rememberFile(records: RecordStore, url: string, file: KnownFile): Promise<void> {
  await records.put(KIND, url, JSON.stringify({ ...file, blobs: [file.digest] }))
}

function parse(text: string): KnownFile | undefined {
  try {
    const { digest, size, mtime, etag, lastModified } = JSON.parse(text) as Partial<KnownFile>
    if (!isDigest(digest) || !Number.isSafeInteger(size) || !Number.isSafeInteger(mtime)) return undefined
    return {
      digest,
      size: size as number,
      mtime: mtime as number,
      ...(typeof etag === 'string' && { etag }),
      ...(typeof lastModified === 'string' && { lastModified }),
    }
  } catch {
    return undefined
  }
}
