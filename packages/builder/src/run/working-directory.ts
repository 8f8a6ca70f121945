import {
  CooperageError,
  type DirectoryNode,
  directoryOf,
  fromUtf8,
  joinNames,
  type LayerItem,
  resolveInTree,
  toUtf8,
} from '@cooperage/store'
import { refuseKernel } from '../execute/refuse-kernel.js'
import type { ContainerUser } from './sandbox/container.js'

export interface WorkingDirectory {
  /** Without links. */
  readonly path: string
  /** What of it is missing, with the directories above as they are: as BuildKit, 0755 and the user's own. */
  readonly made: readonly LayerItem[]
}

/**
 * Where a process begins. WORKDIR has made it, but a base image may name a directory that it does not have.
 * @throws E_WORKDIR_FORBIDDEN, E_NOT_DIRECTORY
 */
export function workingDirectory(
  tree: DirectoryNode,
  workdir: string,
  owner: { readonly user: ContainerUser; readonly mtime: number },
): WorkingDirectory {
  const { names, node, existing, notDirectory } = resolveInTree(tree, fromUtf8(workdir))
  refuseKernel(names, workdir)
  if (notDirectory || (node !== undefined && node.type !== 'directory')) {
    throw new CooperageError('E_NOT_DIRECTORY', `the working directory ${workdir} is not a directory`, {
      hint: 'choose another WORKDIR',
      data: { path: workdir },
    })
  }
  const path = toUtf8(joinNames(names))
  if (node !== undefined) return { path, made: [] }
  const { uid, gid } = owner.user
  const made: LayerItem[] = names.map((_, index) => {
    const part = names.slice(0, index + 1)
    const there = index < existing ? resolveInTree(tree, joinNames(part)).node : undefined
    const meta = there?.meta ?? { mode: 0o755, uid, gid, mtime: owner.mtime }
    return { kind: 'node', path: part.join('/'), node: directoryOf(meta) }
  })
  return { path, made }
}
