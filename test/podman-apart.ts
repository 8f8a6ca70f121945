import { join } from 'node:path'

/**
 * Options of podman with which it keeps all it knows below a folder. Its state is one of them: files of tests run side
 * by side, and a reset of one would take from another what it has in /run.
 */
export function podmanApart(folder: string): string[] {
  const below = (name: string) => join(folder, name)
  const places = [
    '--root',
    below('podman'),
    '--runroot',
    below('podman-run'),
    '--tmpdir',
    below('podman-tmp'),
  ]
  return [...places, '--storage-driver', 'vfs']
}
