import { existsSync, readFileSync } from 'node:fs'
import { release } from 'node:os'
import { hasErrno } from '@cooperage/store'
import { findTools, type HostTools } from '../host-tools.js'
import { isInContainer } from './in-container.js'
import { sysctl } from './remedy.js'

/** Facts of a machine that decide which executors it can have. */
export interface HostDescription {
  /** `Linux 6.1.0 on x64`. */
  readonly system: string
  readonly uid: number
  readonly isInContainer: boolean
  readonly cgroups: 'version 2' | 'version 1' | 'hybrid' | 'none'
  /** Programs that executors can use, with their paths. */
  readonly tools: HostTools
  /** Whether FUSE may be used, which fuse-overlayfs needs. */
  readonly fuse: boolean
  /** Ubuntu's setting that keeps ordinary users from user namespaces. */
  readonly restrictsUserNamespaces: boolean
}

export function describeHost(path?: string): HostDescription {
  return {
    system: `${process.platform === 'linux' ? 'Linux' : process.platform} ${release()} on ${process.arch}`,
    uid: process.getuid?.() ?? -1,
    isInContainer: isInContainer(),
    cgroups: cgroups(),
    tools: findTools(path),
    fuse: existsSync('/dev/fuse'),
    restrictsUserNamespaces:
      sysctl('kernel/apparmor_restrict_unprivileged_userns') === '1' ||
      sysctl('kernel/unprivileged_userns_clone') === '0' ||
      sysctl('user/max_user_namespaces') === '0',
  }
}

function cgroups(): HostDescription['cgroups'] {
  if (existsSync('/sys/fs/cgroup/cgroup.controllers')) return 'version 2'
  try {
    const mounts = readFileSync('/proc/self/mountinfo', 'latin1')
    const types: readonly string[] = mounts.match(/(?<= - )cgroup2?(?= )/g) ?? []
    if (types.includes('cgroup2')) return types.includes('cgroup') ? 'hybrid' : 'version 2'
    return types.length > 0 ? 'version 1' : 'none'
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'EACCES')) return 'none'
    throw error
  }
}
