import * as fs from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { hasErrno } from '../errors.js'
import type { StoreFile, StoreFs, StoreStat } from './store-fs.js'

const open = promisify(fs.open)
const close = promisify(fs.close)
const fstat = promisify(fs.fstat)
const fchmod = promisify(fs.fchmod)
const fsync = promisify(fs.fsync)

/** Descriptors come back as other work ends: back-off in milliseconds, about two seconds in all. */
const EMFILE_WAITS: readonly number[] = [5, 10, 20, 40, 80, 160, 320, 640, 640]

/** The file system of this machine. */
export const nodeStoreFs: StoreFs = {
  native: true,
  async open(path, flags, mode) {
    for (const wait of EMFILE_WAITS) {
      try {
        return new NodeStoreFile(await open(path, flags, mode))
      } catch (error) {
        if (!hasErrno(error, 'EMFILE', 'ENFILE')) throw error
        await delay(wait)
      }
    }
    return new NodeStoreFile(await open(path, flags, mode))
  },
  mkdir: promisify(fs.mkdir) as (path: string, mode: number) => Promise<void>,
  readdir: (path) => fs.promises.readdir(path),
  lstat: async (path) => toStat(await fs.promises.lstat(path)),
  link: promisify(fs.link),
  rename: promisify(fs.rename),
  unlink: promisify(fs.unlink),
  rmdir: (path) => fs.promises.rmdir(path),
  chmod: promisify(fs.chmod),
  utimes: (path, time) => fs.promises.utimes(path, time / 1000, time / 1000),
  realpath: (path) => fs.promises.realpath(path),
  async statfs(path) {
    const found = await fs.promises.statfs(path)
    return { type: found.type, available: found.bavail * found.bsize, total: found.blocks * found.bsize }
  },
}

class NodeStoreFile implements StoreFile {
  readonly fd: number
  constructor(fd: number) {
    this.fd = fd
  }
  read(target: Uint8Array, position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      fs.read(this.fd, target, 0, target.byteLength, position, (error, count) =>
        error ? reject(error) : resolve(count),
      )
    })
  }
  readSync(target: Uint8Array, position: number): number {
    return fs.readSync(this.fd, target, 0, target.byteLength, position)
  }
  write(bytes: Uint8Array, position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      fs.write(this.fd, bytes, 0, bytes.byteLength, position, (error, count) =>
        error ? reject(error) : resolve(count),
      )
    })
  }
  async stat(): Promise<StoreStat> {
    return toStat(await fstat(this.fd))
  }
  chmod(mode: number): Promise<void> {
    return fchmod(this.fd, mode)
  }
  sync(): Promise<void> {
    return fsync(this.fd)
  }
  close(): Promise<void> {
    return close(this.fd)
  }
}

function toStat(found: fs.Stats): StoreStat {
  return {
    kind: found.isFile()
      ? 'file'
      : found.isDirectory()
        ? 'directory'
        : found.isSymbolicLink()
          ? 'symlink'
          : 'other',
    size: found.size,
    mode: found.mode & 0o7777,
    uid: found.uid,
    dev: found.dev,
    ino: found.ino,
    mtime: found.mtimeMs,
  }
}
