import { hash } from 'node:crypto'
import { statSync } from 'node:fs'
import { userInfo } from 'node:os'
import { hasErrno } from '@cooperage/store'
import type { ExecutorSetting, OciRuntime } from '../executor-setting.js'
import { findTools, type HostTools, toolStamp } from '../host-tools.js'
import { ALL_IDS, type Identity, idsOf, readSubordinateFiles } from '../id-maps.js'
import { initProgram } from '../init/init-program.js'
import { ownCapabilities } from '../machine.js'
import { isKnownArch, type KnownArch } from '../seccomp/syscall-numbers.js'
import { confinement } from './confinement.js'
import { sysctl } from './remedy.js'
import { runtimeOf } from './runtime-version.js'

/** What executors have to work with on this machine. */
export interface HostSituation {
  readonly identity: Identity
  readonly tools: HostTools
  /** Absent for a processor whose system calls are not known here. */
  readonly arch?: KnownArch
  readonly devices: ExecutorSetting['devices']
  readonly subordinate: { readonly subuid: string; readonly subgid: string }
  /** Two situations with one stamp have the same executors. */
  readonly stamp: string
  /** Asks the programs for their versions: the first that works is the one to use. */
  runtimes(): Promise<OciRuntime[]>
}

const CAP_MKNOD = 1n << 27n

/** `directory` is where file systems of containers are going to be; `path` as for `findTools`. */
export function readSituation(directory: string, path?: string): HostSituation {
  const identity = readIdentity()
  const tools = findTools(path)
  const arch = isKnownArch(process.arch) ? process.arch : undefined
  const subordinate = readSubordinateFiles()
  const facts = [
    sysctl('kernel/random/boot_id'),
    identity,
    subordinate,
    confinement(),
    idsOf(undefined),
    statSync(directory).dev,
    ...[
      'kernel/unprivileged_userns_clone',
      'kernel/apparmor_restrict_unprivileged_userns',
      'user/max_user_namespaces',
    ].map(sysctl),
    ...Object.values(tools).map(toolStamp),
    arch && initProgram(arch, { mode: 'serve', builder: 0 }),
  ]
  return {
    identity,
    tools,
    ...(arch && { arch }),
    devices: idsOf(undefined) >= ALL_IDS && (ownCapabilities('Eff') & CAP_MKNOD) !== 0n,
    subordinate,
    stamp: hash('sha256', JSON.stringify(facts), 'hex'),
    runtimes: async () => {
      const found = await Promise.all(
        (['crun', 'runc'] as const).map((name) => {
          const path = tools[name]
          return path === undefined ? undefined : runtimeOf(name, path)
        }),
      )
      return found.filter((runtime) => runtime !== undefined)
    },
  }
}

function readIdentity(): Identity {
  const [uid, gid] = [process.getuid?.() ?? -1, process.getgid?.() ?? -1]
  try {
    return { uid, gid, name: userInfo().username }
  } catch (error) {
    // A user without a line in /etc/passwd.
    if (hasErrno(error, 'ENOENT') || (error as NodeJS.ErrnoException).code === 'ERR_SYSTEM_ERROR')
      return { uid, gid }
    throw error
  }
}
