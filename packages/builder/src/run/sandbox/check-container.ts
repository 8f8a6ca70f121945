import { CooperageError } from '@cooperage/store'
import type { Container } from './container.js'
import type { Executor } from './executor.js'

export interface Abilities {
  readonly executor: Pick<Executor, 'name' | 'mounts'>
  /** Ids from 0 on that a file or a process can have. */
  readonly ids: number
  /** May have a network of its own, which is none. */
  readonly ownNetwork: boolean
}

/** What an executor cannot give is refused by name, before anything is made. @throws E_SANDBOX */
export function checkContainer(container: Container, { executor, ids, ownNetwork }: Abilities): void {
  const { user, mounts, network, rootfs } = container
  for (const id of [user.uid, user.gid, ...user.groups]) {
    if (id < ids) continue
    const why = ids === 1 ? 'this user has no subordinate ids' : `this user has ids up to ${ids - 1}`
    throw cannot(executor, `run as ${user.uid}:${user.gid} with the group or user ${id}: ${why}`, {
      hint: 'run cooper as root, or add ids to /etc/subuid and /etc/subgid (usermod --add-subuids, --add-subgids)',
    })
  }
  if (network === 'none' && !ownNetwork) {
    throw cannot(executor, 'take the network away from a step', { hint: NEEDS_NAMESPACES })
  }
  if (rootfs.kind === 'overlay' && !executor.mounts.includes('overlay')) {
    throw cannot(executor, 'mount an overlay', { hint: 'hand it a directory' })
  }
  for (const mount of mounts) {
    const isServed = executor.mounts.includes(mount.kind)
    if (isServed && (executor.mounts.includes('bind') || (mount.kind === 'file' && mount.public === true)))
      continue
    throw cannot(executor, `mount anything at ${mount.target}`, {
      hint: NEEDS_NAMESPACES,
      target: mount.target,
    })
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
