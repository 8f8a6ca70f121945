import { randomBytes } from 'node:crypto'
import { dirname, join } from 'node:path'
import { CooperageError, type ErrorCode, hasErrno } from '../errors.js'
import {
  createFile,
  ensureDirectory,
  openForReading,
  readFully,
  removeFile,
  syncDirectory,
  writeFully,
} from './files.js'
import { unlessErrno } from './store-error.js'
import type { StoreFs, StoreStat } from './store-fs.js'

/** The version of the layout below; a higher one may mean anything. */
const VERSION = 1
const DIRECTORIES: readonly string[] = [
  'blobs',
  'caches',
  'ingest',
  'locks',
  'quarantine',
  'records',
  'refs',
  'sessions',
  'trash',
  'trees',
  'unsynced',
]

/**
 * Finds the store at a path, or makes one where there is nothing yet. Resolves to its path without symbolic links.
 * Until the version is known to be ours, nothing is written.
 * @throws E_STORE_NOT_A_DIRECTORY, E_STORE_OWNER, E_STORE_PERMISSIONS, E_STORE_NOT_A_STORE, E_STORE_VERSION
 */
export async function prepareRoot(fs: StoreFs, path: string): Promise<string> {
  const isNew = await makeParents(fs, path)
  // A umask may have taken our own bits.
  if (isNew) await fs.chmod(path, 0o700)
  const root = await fs.realpath(path)
  const stat = await fs.lstat(root)
  checkOwner(root, stat)
  const names = await fs.readdir(root)
  if (names.includes('VERSION')) {
    await checkVersion(fs, root)
  } else {
    const foreign = names.find((name) => !name.startsWith('VERSION.'))
    if (foreign !== undefined) {
      throw refusal('E_STORE_NOT_A_STORE', `${root} has other files and is not a store`, {
        hint: 'name an empty directory, or one that does not exist yet',
        data: { path: root, found: foreign },
      })
    }
    if ((stat.mode & 0o077) !== 0) await fs.chmod(root, 0o700)
    await writeVersion(fs, root)
  }
  // Also after a crash between the version and these.
  const missing = DIRECTORIES.filter((name) => !names.includes(name))
  for (const name of missing) await ensureDirectory(fs, join(root, name))
  if (missing.length > 0) await syncDirectory(fs, root)
  return root
}

/** True when the directory was made here. */
async function makeParents(fs: StoreFs, path: string): Promise<boolean> {
  try {
    // Looked at first: what is there need not be writable.
    if ((await unlessErrno(fs.lstat(path), 'ENOENT')) !== undefined) return false
    return await ensureDirectory(fs, path)
  } catch (error) {
    if (hasErrno(error, 'ENOTDIR')) throw notADirectory(path)
    if (!hasErrno(error, 'ENOENT') || dirname(path) === path) throw error
    await makeParents(fs, dirname(path))
    return ensureDirectory(fs, path)
  }
}

function checkOwner(root: string, stat: StoreStat): void {
  if (stat.kind !== 'directory') throw notADirectory(root)
  const user = process.geteuid?.()
  if (user !== undefined && stat.uid !== user) {
    throw refusal('E_STORE_OWNER', `the store ${root} belongs to user ${stat.uid}, this is user ${user}`, {
      hint: 'files of two owners in one store would lock both out: name another store with --store',
      data: { path: root, expected: user, found: stat.uid },
    })
  }
  if ((stat.mode & 0o002) !== 0) {
    throw refusal('E_STORE_PERMISSIONS', `everyone may write to the store ${root}`, {
      hint: `run \`chmod 700 ${root}\`, if you trust what is in it`,
      data: { path: root, mode: stat.mode.toString(8) },
    })
  }
}

async function checkVersion(fs: StoreFs, root: string): Promise<void> {
  const file = await openForReading(fs, join(root, 'VERSION'))
  const bytes = Buffer.alloc(100)
  try {
    const count = await readFully(file, bytes, 0)
    const text = bytes.toString('latin1', 0, count)
    if (text === `${VERSION}\n`) return
    throw refusal(
      'E_STORE_VERSION',
      `the store ${root} has version ${JSON.stringify(text.trim())}, not ${VERSION}`,
      {
        hint: 'use the release of Cooperage that made it, or name another store with --store',
        data: { path: root, expected: String(VERSION), found: text },
      },
    )
  } finally {
    await file.close()
  }
}

/** Whole and durable before its name is there; of two that do it at once one wins, with the same content. */
async function writeVersion(fs: StoreFs, root: string): Promise<void> {
  const temporary = join(root, `VERSION.${randomBytes(8).toString('hex')}`)
  const file = await createFile(fs, temporary)
  try {
    await writeFully(file, Buffer.from(`${VERSION}\n`), 0)
    await file.sync()
  } finally {
    await file.close()
  }
  await fs.rename(temporary, join(root, 'VERSION')).catch(async (error: unknown) => {
    await removeFile(fs, temporary)
    throw error
  })
}

function notADirectory(path: string): CooperageError {
  return refusal('E_STORE_NOT_A_DIRECTORY', `the path of the store is not a directory: ${path}`, {
    hint: 'name a directory with --store',
    data: { path },
  })
}

function refusal(
  code: ErrorCode,
  message: string,
  details: { hint: string; data: Readonly<Record<string, unknown>> },
): CooperageError {
  return new CooperageError(code, message, { category: 'store', ...details })
}

/** Names a file system on which locks and the order of operations cannot be relied on; undefined for a local one. */
export async function networkFileSystem(fs: StoreFs, root: string): Promise<string | undefined> {
  return NETWORK.get((await unlessErrno(fs.statfs(root), 'ENOSYS', 'EPERM'))?.type ?? 0)
}

/** Magic numbers of statfs(2). */
const NETWORK: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x517b, 'SMB'],
  [0x01021997, '9p'],
  [0x65735546, 'FUSE'],
  [0x00c36400, 'Ceph'],
  [0x5346414f, 'AFS'],
])
