/**
 * Every call that the store makes on its own files, and no other. Small on purpose: a test can put a file system
 * in its place that fails, stops or forgets what was not synced. Errors are those of Node, with `code` an errno name.
 * Paths are absolute. `chmod`, `utimes`, `realpath` and `statfs` follow symbolic links; `open` as its flags say; the others do not.
 */
export interface StoreFs {
  /** True when descriptors are the kernel's own: only then may threads and `flock(1)` use them directly. */
  readonly native: boolean
  /** `flags` and `mode` as of open(2). EMFILE and ENFILE are waited out for a while. */
  open(path: string, flags: number, mode?: number): Promise<StoreFile>
  mkdir(path: string, mode: number): Promise<void>
  readdir(path: string): Promise<string[]>
  lstat(path: string): Promise<StoreStat>
  /** Never replaces: EEXIST. */
  link(existing: string, path: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  unlink(path: string): Promise<void>
  rmdir(path: string): Promise<void>
  chmod(path: string, mode: number): Promise<void>
  /** Sets the time of last use and of change, in milliseconds since 1970. */
  utimes(path: string, time: number): Promise<void>
  /** The path without symbolic links. */
  realpath(path: string): Promise<string>
  statfs(path: string): Promise<StoreSpace>
}

/** An open file or directory. Must be closed by whoever opened it. */
export interface StoreFile {
  readonly fd: number
  /** May read less than asked for; 0 at the end. */
  read(target: Uint8Array, position: number): Promise<number>
  readSync(target: Uint8Array, position: number): number
  /** May write less than given. At the end of the file when opened with O_APPEND, whatever `position` says. */
  write(bytes: Uint8Array, position: number): Promise<number>
  stat(): Promise<StoreStat>
  chmod(mode: number): Promise<void>
  /** fsync(2). A failure is final: the kernel may have dropped the pages, and a second call would lie. */
  sync(): Promise<void>
  close(): Promise<void>
}

export interface StoreStat {
  readonly kind: 'file' | 'directory' | 'symlink' | 'other'
  /** In bytes. */
  readonly size: number
  /** Permission bits, 0–07777. */
  readonly mode: number
  readonly uid: number
  readonly dev: number
  readonly ino: number
  /** Milliseconds since 1970. */
  readonly mtime: number
}

export interface StoreSpace {
  /** Magic number of the file system, as of statfs(2). */
  readonly type: number
  /** Bytes that this user may still write. */
  readonly available: number
  /** Bytes in all. */
  readonly total: number
}
