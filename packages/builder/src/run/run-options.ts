import type { FailedRun } from './failed-run.js'
import type { Executor } from './sandbox/executor.js'
import type { Isolation } from './sandbox/probe/choose-executor.js'

/** How the processes of RUN are run. */
export interface RunOptions {
  /** An executor of one's own. Default: the one that `isolation` says. */
  readonly executor?: Executor
  /** Default `auto`: the strongest that works on this machine, and `chroot`, which isolates nothing, only in a container. */
  readonly isolation?: Isolation
  /** Where programs that make containers are looked for before the usual places, as in the variable PATH. */
  readonly path?: string
  /**
   * Of every RUN that does not ask for one itself. `default`: what the executor gives; `none`: no network at all;
   * `host`: that of this machine, which is then also granted to every RUN that asks for it. Default `default`.
   */
  readonly network?: RunNetwork
  /** Rights that a Dockerfile may use: `network.host` and `security.insecure`. Default: none. */
  readonly allow?: readonly string[]
  /** Lines for /etc/hosts. Names are part of the cache key, addresses are not. */
  readonly extraHosts?: readonly ExtraHost[]
  /** Bytes of /dev/shm; default 64 MiB. */
  readonly shmSize?: number
  readonly ulimits?: readonly Ulimit[]
  /** Limits of memory and CPU time for each RUN; no part of the cache key. */
  readonly resources?: RunResources
  /** Called when a process has failed, while its files and mounts are still there: to look into them. */
  readonly onFailure?: (failed: FailedRun) => Promise<void>
  /** Keeps the files of the last process that failed, for `openFailedRun`. Default: false. */
  readonly keepFailed?: boolean
}

export type RunNetwork = 'default' | 'none' | 'host'

export interface ExtraHost {
  readonly host: string
  /** An IPv4 or IPv6 address. */
  readonly address: string
}

/** A limit of setrlimit(2) by its short name: `nofile`, `core`. -1 is unlimited. */
export interface Ulimit {
  readonly name: string
  readonly soft: number
  readonly hard: number
}

export interface RunResources {
  /** Bytes. */
  readonly memory?: number
  /** Microseconds of CPU time in each `cpuPeriod`. */
  readonly cpuQuota?: number
  /** Microseconds. */
  readonly cpuPeriod?: number
  readonly cpuShares?: number
}

export const DEFAULT_SHM_SIZE: number = 64 << 20
export const DEFAULT_HOSTNAME = 'buildkitsandbox'
