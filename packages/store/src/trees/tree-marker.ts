import { join } from 'node:path'
import { createFile, openForReading, readFully, writeFully } from '../blobs/files.js'
import { bootId } from '../blobs/process-mark.js'
import { unlessErrno } from '../blobs/store-error.js'
import type { StoreFs } from '../blobs/store-fs.js'
import { type Digest, isDigest } from '../digest.js'
import { MARKER } from './tree-names.js'

/** What a complete tree says of itself. */
export interface TreeMarker {
  readonly key: Digest
  /** Files were not synced: after a power cut their names may be there without their bytes. */
  readonly boot: string | undefined
}

const LIMIT = 4096

export async function writeMarker(fs: StoreFs, directory: string, key: Digest): Promise<void> {
  const marker: TreeMarker = { key, boot: bootId() }
  const file = await createFile(fs, join(directory, MARKER))
  try {
    await writeFully(file, Buffer.from(JSON.stringify(marker)), 0)
  } finally {
    await file.close()
  }
}

/** The marker of a tree, or undefined when it is missing, damaged, or of another boot. */
export async function readMarker(fs: StoreFs, directory: string): Promise<TreeMarker | undefined> {
  const path = join(directory, MARKER)
  const file = await unlessErrno(openForReading(fs, path), 'ENOENT', 'ENOTDIR', 'ELOOP')
  if (file === undefined) return undefined
  try {
    const bytes = Buffer.alloc(LIMIT)
    const text = bytes.toString('utf8', 0, await readFully(file, bytes, 0))
    const marker = JSON.parse(text) as Partial<TreeMarker>
    if (!isDigest(marker.key) || marker.boot !== bootId()) return undefined
    return { key: marker.key, boot: marker.boot }
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  } finally {
    await file.close()
  }
}
