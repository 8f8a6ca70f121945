import { CooperageError } from '@cooperage/store'
import { capabilityMask } from './capabilities.js'
import type { Container } from './container.js'
import type { Executor } from './executor.js'
import { ownCapabilities } from './machine.js'
import { MORE_IDS } from './more-ids.js'

export interface Abilities {
  readonly executor: Pick<Executor, 'name' | 'mounts'>
  /** Ids from 0 on that a file or a process can have. */
  readonly ids: number
  /** May have a network of its own, which is none. */
  readonly ownNetwork: boolean
}

/** What an executor cannot give is refused by name, before anything is made. @throws E_SANDBOX */
export function checkContainer(container: Container, { executor, ids, ownNetwork }: Abilities): void {
  const { args, env, user, mounts, network, insecure, rootfs } = container
  if ([...args, ...env].some((text) => text.includes('\0'))) {
    // A value may be a secret.
    const variable = env.find((text) => text.includes('\0'))?.split('=', 1)[0]
    const where = variable === undefined ? 'its command' : `the variable ${JSON.stringify(variable)}`
    throw cannot(executor, `run a step with a NUL byte in ${where}`, {
      hint: 'no process can be given one; a secret that has some can be mounted as a file',
    })
  }
  checkRights({ ids: [user.uid, user.gid, ...user.groups], network, insecure }, { executor, ids, ownNetwork })
  if (rootfs.kind === 'overlay' && !executor.mounts.includes('overlay')) {
    throw cannot(executor, 'mount an overlay', { hint: 'hand it a directory' })
  }
  for (const mount of mounts) {
    const isServed = executor.mounts.includes(mount.kind)
    const isOpen = mount.kind === 'lent' || (mount.kind === 'file' && mount.public === true)
    if (isServed && (isOpen || executor.mounts.includes('bind'))) continue
    throw cannot(executor, `mount anything at ${mount.target}`, {
      hint: NEEDS_NAMESPACES,
      target: mount.target,
    })
  }
}

/** What of it is known before there is a container. @throws E_SANDBOX */
export function checkRights(
  wanted: { readonly ids: readonly number[] } & Pick<Container, 'network' | 'insecure'>,
  { executor, ids, ownNetwork }: Abilities,
): void {
  const beyond = wanted.ids.find((id) => id >= ids)
  if (beyond !== undefined) {
    const why = ids === 1 ? 'this user has no subordinate ids' : `this user has ids up to ${ids - 1}`
    throw cannot(executor, `run a step with the user or group ${beyond}: ${why}`, { hint: MORE_IDS })
  }
  if (wanted.network === 'none' && !ownNetwork) {
    throw cannot(executor, 'take the network away from a step', { hint: NEEDS_NAMESPACES })
  }
  // The others mount, and so have it themselves.
  if (wanted.insecure && executor.name === 'chroot' && (ownCapabilities('Bnd') & CAP_SYS_ADMIN) === 0n) {
    throw cannot(executor, 'run a step with --security=insecure: the builder lacks CAP_SYS_ADMIN itself', {
      hint: 'leave --security=insecure out, or give the container around the builder all rights (--privileged)',
    })
  }
}

const CAP_SYS_ADMIN = capabilityMask(['CAP_SYS_ADMIN'])

/** Whom mounts would belong to. @throws E_SANDBOX */
export function checkOwners(
  mounts: readonly { readonly uid?: number; readonly gid?: number; readonly type: string }[],
  { executor, ids }: Pick<Abilities, 'executor' | 'ids'>,
): void {
  for (const { uid = 0, gid = 0, type } of mounts) {
    const beyond = [uid, gid].find((id) => id >= ids)
    if (beyond === undefined) continue
    const what = `give a mount of type ${type} to the user or group ${beyond}: this user has ids up to ${ids - 1}`
    throw cannot(executor, what, { hint: MORE_IDS })
  }
}

const NEEDS_NAMESPACES = 'see in `cooper doctor` what keeps the other executors from working'

function cannot(
  { name }: Abilities['executor'],
  what: string,
  { hint, ...data }: { hint: string; target?: string },
): CooperageError {
  return new CooperageError('E_SANDBOX', `the executor ${name} cannot ${what}`, {
    category: 'sandbox',
    hint,
    data: { executor: name, ...data },
  })
}
