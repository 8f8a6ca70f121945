import type { Container, ContainerMount, OverlayStack } from './container.js'
import type { FileAccess } from './file-access.js'
import type { Operation } from './init/operation.js'
import { MountFlag } from './kernel-flags.js'

export interface StageOptions {
  /** A directory that is there; a file system in memory covers it. */
  readonly directory: string
  readonly overlay: FileAccess['overlay']
  readonly fuseOverlayfs?: string
  /** Flags of file systems with files of images. */
  readonly rootFlags: number
}

/** Where the keeper puts together what a container needs: in memory, in a mount namespace of its own. */
export interface Stage {
  readonly operations: readonly Operation[]
  readonly rootfs: string
  /** Where a mount's content is found. Absent for tmpfs, which has none. */
  readonly sources: ReadonlyMap<ContainerMount, string>
}

/** What `RUN` must not depend on having been done is done here: /proc, /sys and /dev of the image are directories. */
export function stageContainer(container: Container, options: StageOptions): Stage {
  const { directory } = options
  const rootfs = `${directory}/rootfs`
  const sources = new Map<ContainerMount, string>()
  const operations: Operation[] = [
    ['private'],
    ['mount', 'proc', '/proc', 'proc', MountFlag.NOSUID | MountFlag.NODEV | MountFlag.NOEXEC, ''],
    ['mount', 'tmpfs', directory, 'tmpfs', MountFlag.NOSUID | MountFlag.NODEV | MountFlag.NOEXEC, 'mode=700'],
    // Overlay options are limited to a page: layers are named relative to here.
    ['chdir', directory],
    ['mkdir', 'rootfs', '0700'],
    ...(container.rootfs.kind === 'overlay'
      ? overlay(container.rootfs, { ...options, prefix: 'r', target: 'rootfs', flags: options.rootFlags })
      : bindRoot(container.rootfs.path, options.rootFlags)),
    ...['/proc', '/sys', '/dev'].map((path): Operation => ['plain', path, `rootfs${path}`]),
  ]
  container.mounts.forEach((mount, index) => {
    const path = `${directory}/m${index}`
    if (mount.kind === 'bind') sources.set(mount, mount.source)
    if (mount.kind === 'overlay') {
      operations.push(['mkdir', `m${index}`, '0700'])
      operations.push(
        ...overlay(mount, {
          ...options,
          prefix: `m${index}.`,
          target: `m${index}`,
          flags: options.rootFlags,
        }),
      )
      sources.set(mount, path)
    }
    if (mount.kind === 'file') {
      operations.push(['file', `m${index}`, octal(mount.mode), mount.uid, mount.gid, mount.content])
      sources.set(mount, path)
    }
  })
  return { operations, rootfs, sources }
}

interface OverlayOptions extends StageOptions {
  readonly prefix: string
  readonly target: string
  readonly flags: number
}

function overlay(stack: OverlayStack, options: OverlayOptions): Operation[] {
  const { prefix, target, flags, directory, fuseOverlayfs } = options
  const lowers = stack.lowers.map((_, index) => `${prefix}${index}`)
  const links: Operation[] = [
    ...stack.lowers.map((path, index): Operation => ['symlink', path, `${prefix}${index}`]),
    ['symlink', stack.upper, `${prefix}u`],
    ['symlink', stack.work, `${prefix}w`],
  ]
  const clear: Operation = ['clear', target, `${prefix}w`]
  if (options.overlay === 'fuse') {
    if (fuseOverlayfs === undefined) throw new TypeError('an overlay by fuse needs fuse-overlayfs')
    const at = (name: string): string => `${directory}/${name}`
    const layers = `lowerdir=${lowers.map(at).join(':')},upperdir=${at(`${prefix}u`)},workdir=${at(`${prefix}w`)}`
    return [...links, clear, ['spawn', fuseOverlayfs, '-o', layers, target]]
  }
  const layers = `lowerdir=${lowers.join(':')},upperdir=${prefix}u,workdir=${prefix}w`
  // Without these the upper directory is not all of what changed. `nofollow`, not `off`: kernels may be built to follow.
  const all = `${layers},redirect_dir=nofollow,metacopy=off,index=off${options.overlay === 'userxattr' ? ',userxattr' : ''}`
  // Nobody needs the changes after a power cut: the layer made of them is synced.
  return [...links, clear, ['overlay', target, flags, `${all},volatile`, all]]
}

function bindRoot(path: string, flags: number): Operation[] {
  const bind: Operation = ['mount', path, 'rootfs', '', MountFlag.BIND | MountFlag.REC, '']
  return flags === 0 ? [bind] : [bind, ['root', 'rootfs'], ['flags', '.', flags]]
}

export function octal(mode: number): string {
  return mode.toString(8)
}
