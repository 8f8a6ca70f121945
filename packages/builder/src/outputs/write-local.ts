import { constants } from 'node:fs'
import {
  chmod,
  type FileHandle,
  lchown,
  lstat,
  lutimes,
  mkdir,
  open,
  readdir,
  rm,
  symlink,
} from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import {
  type ByteString,
  type Contents,
  CooperageError,
  type DirectoryNode,
  type FileNode,
  fromBuffer,
  fromUtf8,
  hasErrno,
  hostPath,
  makeDirectoryPath,
  openContents,
  sortedNames,
  type TreeNode,
  toUtf8,
  withSpaceFor,
} from '@cooperage/store'
import { canStartAtDescriptor } from '../context/reach-path.js'
import type { StepEnvironment } from '../execute/step-environment.js'
import { HardLinks } from './hard-links.js'

const CHUNK = 1 << 20

/**
 * Writes the tree's files into a directory, which is made when it is missing; files of other names stay, unless
 * `deletes` says that they go, and with them whatever is of another kind than the image has there. Owners are
 * kept by root alone, as with every copy. Each directory is opened without following links and its entries are
 * reached through that descriptor, so that a link in the target, or one put there meanwhile, leads nowhere. Where
 * there is no procfs, paths are used, and only links that lie there already are seen.
 * Devices and pipes are left out; hard links are links where the file system has them, else files of their own.
 * @throws E_OUTPUT_DIRECTORY, E_OUTPUT_LINK, E_NO_SPACE
 */
export async function writeLocal(
  tree: DirectoryNode,
  options: {
    readonly environment: StepEnvironment
    readonly destination: string
    readonly deletes?: boolean
  },
): Promise<void> {
  const { environment, deletes = false } = options
  const destination = resolve(options.destination)
  if (deletes) refuseRoot(destination)
  await using contents = await openContents(allFiles(tree), environment.store.blobs, environment.openHost)
  await makeRoot(destination)
  await using root = await openDirectory(destination, destination)
  const writer = new LocalWriter(contents, new HardLinks(allFiles(tree)), { environment, deletes })
  await writer.fill({ handle: root, shown: destination, way: pathsIn(root, destination) }, tree)
}

/** Where an entry is written. */
interface Place {
  /** From the directory it lies in, which is open. */
  readonly path: ByteString
  /** From the root of the output, which stays open. */
  readonly way: ByteString
  /** For people. */
  readonly shown: string
}

class LocalWriter {
  readonly #contents: Contents
  readonly #environment: StepEnvironment
  readonly #links: HardLinks
  readonly #deletes: boolean
  readonly #keepOwners = process.getuid?.() === 0

  constructor(
    contents: Contents,
    links: HardLinks,
    options: { readonly environment: StepEnvironment; readonly deletes: boolean },
  ) {
    this.#contents = contents
    this.#links = links
    this.#environment = options.environment
    this.#deletes = options.deletes
  }

  async fill(open: Omit<Place, 'path'> & { handle: FileHandle }, directory: DirectoryNode): Promise<void> {
    const base = pathsIn(open.handle, open.shown)
    for (const name of sortedNames(directory)) {
      this.#environment.signal.throwIfAborted()
      const node = directory.children.get(name)!
      const shown = `${open.shown}/${toUtf8(name)}`
      const place = { path: `${base}/${name}`, way: `${open.way}/${name}`, shown }
      if (this.#deletes) await removeOtherKind(place.path, node)
      await withSpaceFor(shown, () => this.#write(place, node))
    }
    if (this.#deletes) await removeOthers(base, directory)
  }

  async #write(place: Place, node: TreeNode): Promise<void> {
    const { path, way, shown } = place
    switch (node.type) {
      case 'directory':
        return this.#writeDirectory(place, node)
      case 'symlink':
        await removeOld(path, shown)
        await symlink(hostPath(node.target), hostPath(path))
        return this.#setAttributes(path, node)
      case 'file':
        await removeOld(path, shown)
        if (await this.#links.link(node, path)) return
        await this.#writeFile(path, way, node)
        return this.#setAttributes(path, node)
      default:
        return
    }
  }

  async #writeDirectory({ path, way, shown }: Place, node: DirectoryNode): Promise<void> {
    try {
      await mkdir(hostPath(path), 0o700)
    } catch (error) {
      if (!hasErrno(error, 'EEXIST')) throw error
    }
    {
      await using handle = await openDirectory(hostPath(path), shown)
      await this.fill({ handle, way, shown }, node)
      if (this.#keepOwners) await handle.chown(node.meta.uid, node.meta.gid)
      await handle.chmod(node.meta.mode)
      await handle.utimes(this.#time(node), this.#time(node))
    }
  }

  async #writeFile(path: ByteString, way: ByteString, node: FileNode): Promise<void> {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
    await using file = await open(hostPath(path), flags, 0o600)
    const content = this.#contents.open(node)
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK, Math.max(1, node.size)))
    try {
      for (let read = content.read(buffer); read > 0; read = content.read(buffer)) {
        for (let at = 0; at < read; ) at += (await file.write(buffer, at, read - at)).bytesWritten
      }
    } finally {
      content.close()
    }
    await this.#links.wrote(node, way, file)
  }

  async #setAttributes(path: ByteString, node: TreeNode): Promise<void> {
    // Owner first: changing it clears setuid and setgid.
    if (this.#keepOwners) await lchown(hostPath(path), node.meta.uid, node.meta.gid)
    if (node.type !== 'symlink') await chmod(hostPath(path), node.meta.mode)
    await lutimes(hostPath(path), this.#time(node), this.#time(node))
  }

  /** No number: one below zero would be the present to Node. */
  #time(node: TreeNode): Date {
    return new Date(Math.min(node.meta.mtime, this.#environment.epoch ?? node.meta.mtime) * 1000)
  }
}

async function makeRoot(path: string): Promise<void> {
  try {
    await withSpaceFor(path, () => makeDirectoryPath(path))
  } catch (cause) {
    if (!hasErrno(cause, 'EEXIST', 'ENOTDIR')) throw cause
    throw new CooperageError('E_OUTPUT_DIRECTORY', `cannot write files into ${path}: it is not a directory`, {
      hint: `choose another dest, or remove ${dirname(path)}'s entry of that name`,
      cause,
    })
  }
}

async function openDirectory(path: string | Buffer, shown: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
  } catch (cause) {
    if (!hasErrno(cause, 'ELOOP', 'ENOTDIR')) throw cause
    throw new CooperageError('E_OUTPUT_LINK', `${shown} is in the way: the image has a directory there`, {
      hint: 'a link or file in the output directory is never followed or replaced by a directory; remove it',
      cause,
    })
  }
}

/** With a relative slip of the pen, `mode=delete` would empty this machine. */
function refuseRoot(destination: string): void {
  if (dirname(destination) !== destination) return
  throw new CooperageError('E_OUTPUT_DIRECTORY', `mode=delete does not work on ${destination}`, {
    hint: 'name a directory that holds nothing but this output',
  })
}

const WRITTEN: ReadonlySet<TreeNode['type']> = new Set(['directory', 'file', 'symlink'])

/** A directory in the place of something else, or the other way round. */
async function removeOtherKind(path: ByteString, node: TreeNode): Promise<void> {
  try {
    const isDirectory = (await lstat(hostPath(path))).isDirectory()
    if (isDirectory === (node.type === 'directory')) return
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return
    throw error
  }
  await rm(hostPath(path), { recursive: true, force: true })
}

/** What the directory on this machine has and that of the image has not. A link goes itself, not what it leads to. */
async function removeOthers(base: ByteString, directory: DirectoryNode): Promise<void> {
  for (const entry of await readdir(hostPath(base), { encoding: 'buffer' })) {
    const name = fromBuffer(entry)
    const node = directory.children.get(name)
    if (node !== undefined && WRITTEN.has(node.type)) continue
    await rm(hostPath(`${base}/${name}`), { recursive: true, force: true })
  }
}

async function removeOld(path: ByteString, shown: string): Promise<void> {
  try {
    await rm(hostPath(path), { force: true })
  } catch (cause) {
    if (!hasErrno(cause, 'ERR_FS_EISDIR')) throw cause
    throw new CooperageError('E_OUTPUT_LINK', `${shown} is a directory: the image has a file there`, {
      hint: 'remove it, or choose an empty directory',
      cause,
    })
  }
}

/** The beginning of paths in an open directory. Through procfs they lead there whatever happens to its path (proc(5)). */
function pathsIn(handle: FileHandle, shown: string): ByteString {
  return canStartAtDescriptor() ? `/proc/self/fd/${handle.fd}` : fromUtf8(shown)
}

function* allFiles(node: TreeNode): Generator<FileNode> {
  if (node.type === 'file') yield node
  else if (node.type === 'directory') for (const child of node.children.values()) yield* allFiles(child)
}
