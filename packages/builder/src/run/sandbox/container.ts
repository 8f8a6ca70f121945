// What one RUN is given to run in: a value, complete before anything starts. Paths named `source`, `path`, `lowers`,
// `upper` and `work` are of this machine; `target` and `cwd` are paths of the container.

/** A process with its file system, as an executor runs it. */
export interface Container {
  readonly rootfs: Rootfs
  /** The whole command line, the shell included. */
  readonly args: readonly string[]
  /** All of it: nothing of the builder's own environment is added. `NAME=value`. */
  readonly env: readonly string[]
  /** Absolute, and a directory that is there. */
  readonly cwd: string
  readonly user: ContainerUser
  readonly hostname: string
  /** In the order in which they are mounted. Missing targets are made in `rootfs`. */
  readonly mounts: readonly ContainerMount[]
  readonly network: 'default' | 'none' | 'host'
  /** RUN --security=insecure: all capabilities, no seccomp filter, nothing masked. */
  readonly insecure: boolean
  readonly limits: ContainerLimits
}

export interface ContainerUser {
  readonly uid: number
  readonly gid: number
  /** Supplementary groups; Docker's first one is `gid` itself. */
  readonly groups: readonly number[]
}

/** The file system at `/`. What the process changes is afterwards in `upper`, or in the directory itself. */
export type Rootfs = OverlayStack | { readonly kind: 'directory'; readonly path: string }

export interface OverlayStack {
  readonly kind: 'overlay'
  /** Uppermost first; at least one. */
  readonly lowers: readonly string[]
  readonly upper: string
  /** Empty, on the file system of `upper`. */
  readonly work: string
}

export type ContainerMount =
  | {
      /** A file or directory of this machine. Its last component is not followed when it is a link. */
      readonly kind: 'bind'
      readonly source: string
      readonly target: string
      readonly readOnly: boolean
    }
  /** A directory that may be written to, and whose changes nobody keeps. */
  | (OverlayStack & { readonly target: string })
  /**
   * For executors without mounts: a directory or file that is renamed to the target, and back when the container has
   * ended. On the file system of `rootfs`; what the container finds it may change.
   */
  | { readonly kind: 'lent'; readonly source: string; readonly target: string }
  | {
      readonly kind: 'tmpfs'
      readonly target: string
      readonly readOnly?: boolean
      readonly size?: number
      readonly mode?: number
    }
  | {
      /** A file with this content, on a file system in memory: never on a disk. */
      readonly kind: 'file'
      readonly target: string
      readonly content: Uint8Array
      readonly mode: number
      readonly uid: number
      readonly gid: number
      readonly readOnly: boolean
      /** No secret, such as resolv.conf: an executor without mounts may put it on a disk for the time of the run. */
      readonly public?: boolean
    }

export interface ContainerLimits {
  readonly ulimits: readonly { readonly name: string; readonly soft: number; readonly hard: number }[]
  /** Bytes of /dev/shm. */
  readonly shmSize: number
  /** Bytes. */
  readonly memory?: number
  /** CPU time in microseconds for each `cpuPeriod`. */
  readonly cpuQuota?: number
  readonly cpuPeriod?: number
  readonly cpuShares?: number
}

/** How a container ended. */
export interface ContainerExit {
  /** As a shell tells it: 128 and the number of the signal when one ended it. */
  readonly exitCode: number
  readonly signal?: NodeJS.Signals
  /** The kernel killed it for want of memory. */
  readonly outOfMemory: boolean
}
