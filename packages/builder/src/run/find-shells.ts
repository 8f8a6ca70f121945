import { type DirectoryNode, resolveInTree } from '@cooperage/store'

const SHELLS = ['/bin/bash', '/usr/bin/bash', '/bin/sh', '/usr/bin/sh', '/bin/ash', '/busybox/sh']

/** Programs of an image that a person can type into. */
export function findShells(tree: DirectoryNode): string[] {
  return SHELLS.filter((path) => resolveInTree(tree, path).node?.type === 'file')
}
