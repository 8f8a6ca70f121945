import { readFileSync } from 'node:fs'
import { hasErrno, isCooperageError } from '@cooperage/store'
import { isInContainer } from './in-container.js'

/** Why an executor, or one form of it, does not work here, and the one thing to do about it. */
export interface ExecutorFailure {
  /** What was tried: `runc 1.1.5 as root`. */
  readonly tried: string
  readonly why: string
  /** As the kernel says it, when it was the kernel. */
  readonly errno?: string
  readonly remedy: string
}

export function failureOf(tried: string, error: unknown): ExecutorFailure {
  const why = error instanceof Error ? error.message : String(error)
  const { what, errno } = (isCooperageError(error) ? error.data : {}) as { what?: unknown; errno?: unknown }
  const code = typeof errno === 'string' ? errno : undefined
  return {
    tried,
    why,
    ...(code === undefined ? {} : { errno: code }),
    remedy: remedyFor(typeof what === 'string' ? what : why, code),
  }
}

/** Calls that any root may make, unless capabilities have been taken away. */
const OF_ROOT = /^(?:chroot|chown|chmod|setgroups|setresuid|setresgid|capset|drop a capability)\b/
const REFUSED = new Set(['EPERM', 'EACCES'])

function remedyFor(what: string, errno: string | undefined): string {
  if (what.includes('user namespace')) return userNamespaceRemedy(errno)
  if (/newuidmap|newgidmap|uid_map|gid_map/.test(what)) {
    return sysctl('kernel/apparmor_restrict_unprivileged_userns') === '1'
      ? APPARMOR
      : 'check that newuidmap and newgidmap are setuid root, and that /etc/subuid and /etc/subgid have ranges for you'
  }
  if (what.startsWith('mount proc') && errno === 'EPERM') {
    return 'parts of /proc are hidden by the container around: run that with --security-opt systempaths=unconfined, or procMount: Unmasked in Kubernetes'
  }
  if (what.startsWith('unshare') || what.startsWith('mount') || what === 'pivot_root') {
    if (errno !== undefined && REFUSED.has(errno)) {
      return isInContainer()
        ? 'the container around refuses namespaces and mounts: run it with --privileged'
        : 'run as root with all capabilities, or let the security module allow it'
    }
  }
  if (OF_ROOT.test(what) && errno !== undefined && REFUSED.has(errno))
    return 'root lacks capabilities here: leave the container those that Docker gives by default (no --cap-drop)'
  if (/cgroups in hybrid mode/.test(what))
    return 'install runc, which can deal with control groups in hybrid mode'
  if (/cgroup/.test(what))
    return 'mount /sys/fs/cgroup writable, or leave it to an executor that needs no control groups'
  if (errno === 'ENOSYS') return 'use Linux 5.11 or newer'
  return 'see the reason; another executor may do'
}

const APPARMOR =
  'sysctl -w kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu 24.04 restricts user namespaces), or run cooper with sudo'

function userNamespaceRemedy(errno: string | undefined): string {
  if (sysctl('kernel/unprivileged_userns_clone') === '0')
    return 'sysctl -w kernel.unprivileged_userns_clone=1'
  if (sysctl('user/max_user_namespaces') === '0' || errno === 'ENOSPC')
    return 'sysctl -w user.max_user_namespaces=15000'
  if (sysctl('kernel/apparmor_restrict_unprivileged_userns') === '1') return APPARMOR
  if (isInContainer()) {
    return 'the container around refuses namespaces: run it with --security-opt seccomp=unconfined, or hostUsers: false in Kubernetes'
  }
  return 'let the kernel make user namespaces for users other than root'
}

export function sysctl(name: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/${name}`, 'latin1').trim()
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'EACCES', 'EPERM')) return undefined
    throw error
  }
}
