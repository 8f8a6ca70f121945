import type { FileAccess } from '../sandbox/file-access.js'

/** How the names of the extended attributes begin by which each kind of overlay marks its upper directory. */
const PREFIXES: Readonly<Record<FileAccess['overlay'], readonly string[]>> = {
  kernel: ['trusted.overlay.'],
  userxattr: ['user.overlay.'],
  // Takes what the kernel writes for a mark as well, and lets nobody in the mount write any of them.
  fuse: ['user.fuseoverlayfs.', 'trusted.overlay.', 'user.overlay.'],
  none: [],
}

export interface OverlayMarks {
  /** Of a directory that hides what lies below. */
  readonly opaque: readonly string[]
  /** Of what is not all there. */
  readonly partial: readonly string[]
}

/**
 * The extended attributes by which an overlay speaks of itself. Those of another kind are a step's own: a mount with
 * trusted.* lets everybody write user.overlay.*, and heeds none of them.
 */
export function overlayMarks(overlay: FileAccess['overlay']): OverlayMarks {
  return MARKS[overlay]
}

const MARKS: Readonly<Record<FileAccess['overlay'], OverlayMarks>> = {
  kernel: marksWith(PREFIXES.kernel),
  userxattr: marksWith(PREFIXES.userxattr),
  fuse: marksWith(PREFIXES.fuse),
  none: marksWith(PREFIXES.none),
}

function marksWith(prefixes: readonly string[]): OverlayMarks {
  return {
    opaque: prefixes.map((prefix) => `${prefix}opaque`),
    partial: prefixes.flatMap((prefix) => [`${prefix}redirect`, `${prefix}metacopy`]),
  }
}
