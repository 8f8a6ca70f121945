import { constants } from 'node:fs'
import { join } from 'node:path'
import { lockDescriptor } from '../blobs/file-lock.js'
import { createFile, openForReading, readFully, removeFile, writeFully } from '../blobs/files.js'
import { mayBeAlive, ownProcessMark, type ProcessMark } from '../blobs/process-mark.js'
import { unlessErrno } from '../blobs/store-error.js'
import type { StoreFs } from '../blobs/store-fs.js'
import { CooperageError } from '../errors.js'

/** At most one collector works on a store. Dispose to let the next one in. @throws E_STORE_BUSY */
export async function lockCollector(fs: StoreFs, root: string): Promise<AsyncDisposable> {
  if (fs.native) {
    const { O_RDWR, O_CREAT, O_NOFOLLOW } = constants
    const file = await fs.open(join(root, 'locks', 'gc.lock'), O_RDWR | O_CREAT | O_NOFOLLOW, 0o600)
    const outcome = await lockDescriptor(file.fd)
    if (outcome === 'locked') return { [Symbol.asyncDispose]: () => file.close() }
    await file.close()
    if (outcome === 'busy') throw busy(root)
  }
  return lockByMark(fs, join(root, 'locks', 'gc.owner'), root)
}

/** Where there are no locks: a file that names its owner, and yields when that process is known to have ended. */
async function lockByMark(fs: StoreFs, path: string, root: string): Promise<AsyncDisposable> {
  for (let turn = 0; turn < 3; turn++) {
    const file = await unlessErrno(createFile(fs, path), 'EEXIST')
    if (file !== undefined) {
      await writeFully(file, Buffer.from(JSON.stringify(ownProcessMark())), 0)
      await file.close()
      return { [Symbol.asyncDispose]: async () => void (await removeFile(fs, path)) }
    }
    const owner = await readOwner(fs, path)
    if (owner === undefined || mayBeAlive(owner)) throw busy(root)
    // Of two that find the owner dead one gets the file by this rename; the other finds nothing to rename.
    const aside = `${path}.${process.pid}`
    await unlessErrno(fs.rename(path, aside), 'ENOENT')
    await removeFile(fs, aside)
  }
  throw busy(root)
}

async function readOwner(fs: StoreFs, path: string): Promise<ProcessMark | undefined> {
  const file = await unlessErrno(openForReading(fs, path), 'ENOENT')
  if (file === undefined) return undefined
  try {
    const bytes = Buffer.alloc(4096)
    const mark = JSON.parse(bytes.toString('utf8', 0, await readFully(file, bytes, 0))) as ProcessMark
    return typeof mark.pid === 'number' ? mark : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  } finally {
    await file.close()
  }
}

function busy(root: string): CooperageError {
  return new CooperageError('E_STORE_BUSY', `another process is pruning the store ${root}`, {
    category: 'store',
    hint: 'wait for it to end',
    data: { path: root },
  })
}
