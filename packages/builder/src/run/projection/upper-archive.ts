import type { ToolEnd, ToolOptions } from '../tool.js'
import { readTool } from '../tool.js'

/** What of the extended attributes is looked at: the one that layers keep, and what overlayfs says to itself. */
const XATTRS = [
  'security.capability',
  'trusted.overlay.opaque',
  'trusted.overlay.redirect',
  'trusted.overlay.metacopy',
  'user.overlay.opaque',
  'user.overlay.redirect',
  'user.overlay.metacopy',
  'user.fuseoverlayfs.opaque',
]

// Names in the order of their bytes, a directory before what it holds: that of a layer. Times in whole seconds.
const CREATE = [
  'tar',
  '-c',
  '-f',
  '-',
  '--format=posix',
  '--pax-option=delete=atime,delete=ctime,delete=mtime',
  '--blocking-factor=128',
  '--numeric-owner',
  '--sort=name',
  '--xattrs',
  ...XATTRS.map((name) => `--xattrs-include=${name}`),
]

export interface UpperArchiveOptions extends ToolOptions {
  /** Names below the directory, each ended by a NUL: only these, and not what they hold. Default: everything. */
  readonly names?: Uint8Array
  readonly onEnd?: (end: ToolEnd) => void
}

/** The files below a directory as an archive; nothing may change them meanwhile. */
export function upperArchive(directory: string, options: UpperArchiveOptions): AsyncGenerator<Uint8Array> {
  const { names, ...rest } = options
  const what = names === undefined ? ['.'] : ['--no-recursion', '--null', '--verbatim-files-from', '-T', '-']
  const command = [...CREATE, '-C', directory, ...what]
  return readTool(command, { ...rest, ...(names !== undefined && { input: names }) })
}
