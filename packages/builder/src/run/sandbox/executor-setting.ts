import type { FileAccess } from './file-access.js'
import type { HostTools } from './host-tools.js'
import type { IdMaps } from './id-maps.js'
import type { KnownArch } from './seccomp/syscall-numbers.js'

/** One way for an executor to work, to be tried out or found to work. */
export interface ExecutorSetting {
  readonly tools: HostTools & { readonly perl: string }
  readonly arch: KnownArch
  /** Of the user namespace that containers are made in; absent where the builder may do all of it as it is. */
  readonly maps?: IdMaps
  readonly overlay: FileAccess['overlay']
  /** May make device nodes. */
  readonly devices: boolean
  /** Control groups keep containers from the devices of this machine. */
  readonly guardsDevices?: boolean
  /** An OCI runtime, where it is the one that makes containers. */
  readonly runtime?: OciRuntime
}

export interface OciRuntime {
  readonly name: 'runc' | 'crun'
  readonly path: string
  readonly version: string
}

/** Its containers are in a group that does so, unless there is a reason against it: fuse needs a device. */
export function guardsDevices({ guardsDevices, overlay, runtime }: ExecutorSetting): boolean {
  return guardsDevices === true && overlay !== 'fuse' && runtime === undefined
}
