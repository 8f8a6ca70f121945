import type { Container, ContainerExit, ContainerLimits, ContainerMount } from './container.js'
import type { FileAccess } from './file-access.js'

/** What makes the containers, and as whom. */
export type ExecutorName = 'oci-root' | 'oci-userns' | 'unshare-root' | 'unshare-userns' | 'chroot'

/** One way of running containers that a probe has found to work on this machine. */
export interface Executor {
  readonly name: ExecutorName
  /** For people: `runc 1.1.5 as root`. */
  readonly description: string
  /** How the files of its containers are made, mounted, read back and removed. */
  readonly files: FileAccess
  /** What a container here lacks, as sentences: no network of its own, no limits of memory, no /proc. */
  readonly lacks: readonly string[]
  /** The mounts it can make. Without mounts (`chroot`) these are `lent`, and `file` as far as it is `public`. */
  readonly mounts: readonly ContainerMount['kind'][]
  /** Refuses limits that no container can have here, before there is one. Absent: it shows in `run`. @throws E_SANDBOX */
  checkLimits?(limits: ContainerLimits): void
  /**
   * Runs one container to its end. When this settles, no process of it lives and nothing is mounted. An abort sends
   * TERM, and KILL after ten seconds; a killed builder takes the container with it.
   * @throws E_RUN_START when the program cannot be started, E_SANDBOX when its surroundings cannot be made, the abort
   *   reason when aborted, what `onOutput` throws
   */
  run(container: Container, options: RunContainerOptions): Promise<ContainerExit>
}

export interface RunContainerOptions {
  readonly signal: AbortSignal
  /** A directory of this run alone, of mode 0700: for the bundle. Removed by whoever gave it. */
  readonly scratch: string
  /** While a promise of it is pending, no more of that stream is read, and the process waits when it writes on. */
  readonly onOutput: (stream: 'stdout' | 'stderr', chunk: Uint8Array) => void | Promise<void>
  /** Given: the process has this terminal as its own, and `onOutput` is not called. For a shell that a person uses. */
  readonly interactive?: boolean
}
