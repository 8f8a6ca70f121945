import { closeSync, constants, fstatSync, openSync, read, readSync } from 'node:fs'
import { promisify } from 'node:util'
import { type ByteString, CooperageError, type FileNode, type HostStat } from '@cooperage/store'
import { contextChanged, contextError } from './context-error.js'
import { isUnchanged } from './host-stat.js'
import { reachPath } from './reach-path.js'

// A path may have become a link or a FIFO since it was walked: neither is followed, and neither can make us wait.
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
const NUMERIC = { bigint: true } as const
const CHUNK = 1 << 20
const readAsync = promisify(read)

/**
 * Opens a file of a directory context. The descriptor is the caller's to close. What is read from it counts only once
 * `verifyHostFile` has passed. @throws E_CTX_ACCESS, E_CTX_CHANGED
 */
export function openHostFile(file: FileNode): number {
  const { path } = hostContent(file)
  try {
    return reachPath(path, (reachable) => openSync(reachable, FLAGS))
  } catch (error) {
    throw contextError(error, path)
  }
}

/**
 * Checks that an open file is the one that was walked, unchanged: device, inode, size, mtime and ctime. Passing after
 * the last read proves that every read before saw that content. @throws E_CTX_CHANGED
 */
export function verifyHostFile(descriptor: number, file: FileNode): void {
  const { path, stat } = hostContent(file)
  if (!isUnchanged(fstatSync(descriptor, NUMERIC), file, stat)) throw contextChanged(path)
}

/**
 * Reads a whole file, `file.size` bytes, into `target` from `offset` on, and verifies it. Blocks: for small files,
 * where waiting for another thread costs more than the read. @throws E_CTX_ACCESS, E_CTX_CHANGED, E_RANGE
 */
export function readHostFileSync(file: FileNode, target: Uint8Array, offset = 0): void {
  if (offset + file.size > target.length) {
    throw new CooperageError('E_RANGE', 'the buffer is smaller than the file', {
      category: 'internal',
      data: { expected: file.size, found: target.length - offset },
    })
  }
  const descriptor = openHostFile(file)
  try {
    for (let done = 0; done < file.size; ) {
      const count = readSync(descriptor, target, offset + done, file.size - done, null)
      if (count === 0) break
      done += count
    }
    // Comes after the reads and covers them; a file cut short fails here by its size.
    verifyHostFile(descriptor, file)
  } catch (error) {
    throw contextError(error, hostContent(file).path)
  } finally {
    closeSync(descriptor)
  }
}

export interface HostFileOptions {
  /** Bytes a chunk at most. Default 1 MiB. */
  readonly chunkSize?: number
  readonly signal?: AbortSignal
}

/**
 * The content of a large file in chunks, each a buffer of its own, read on Node's threads. The last step throws when
 * the file changed meanwhile; what came before is void then. @throws E_CTX_ACCESS, E_CTX_CHANGED
 */
export async function* readHostFile(
  file: FileNode,
  options: HostFileOptions = {},
): AsyncGenerator<Uint8Array> {
  const size = options.chunkSize ?? CHUNK
  const descriptor = openHostFile(file)
  try {
    // Nobody wants to wait for gigabytes of the wrong file.
    verifyHostFile(descriptor, file)
    for (let done = 0; done < file.size; ) {
      options.signal?.throwIfAborted()
      const length = Math.min(size, file.size - done)
      const chunk = Buffer.allocUnsafeSlow(length)
      const { bytesRead } = await readAsync(descriptor, chunk, 0, length, null)
      if (bytesRead === 0) break
      done += bytesRead
      yield bytesRead === length ? chunk : chunk.subarray(0, bytesRead)
    }
    verifyHostFile(descriptor, file)
  } catch (error) {
    throw contextError(error, hostContent(file).path)
  } finally {
    closeSync(descriptor)
  }
}

function hostContent(file: FileNode): { readonly path: ByteString; readonly stat: HostStat } {
  if (file.content.kind === 'host') return file.content
  throw new CooperageError(
    'E_INTERNAL',
    `content of kind ${file.content.kind} is not a file of this machine`,
    {
      category: 'internal',
    },
  )
}
