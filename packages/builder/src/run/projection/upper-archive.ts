import type { FileAccess } from '../sandbox/file-access.js'
import type { ToolEnd, ToolOptions } from '../tool.js'
import { readTool } from '../tool.js'
import { overlayMarks } from './overlay-marks.js'

// Names in the order of their bytes, a directory before what it holds: that of a layer. Times keep their record: a header
// has none before 1970 or after 2242.
const CREATE = [
  'tar',
  '-c',
  '-f',
  '-',
  '--format=posix',
  '--pax-option=delete=atime,delete=ctime',
  '--blocking-factor=128',
  '--numeric-owner',
  '--sort=name',
  '--xattrs',
]

export interface UpperArchiveOptions extends ToolOptions {
  /** What has written there, the marks of which are read. */
  readonly overlay: FileAccess['overlay']
  /** Names below the directory, each ended by a NUL: only these, and not what they hold. Default: everything. */
  readonly names?: Uint8Array
  readonly onEnd?: (end: ToolEnd) => void
}

/** The files below a directory as an archive; nothing may change them meanwhile. */
export function upperArchive(directory: string, options: UpperArchiveOptions): AsyncGenerator<Uint8Array> {
  const { names, overlay, ...rest } = options
  const { opaque, partial } = overlayMarks(overlay)
  const xattrs = ['security.capability', ...opaque, ...partial].map((name) => `--xattrs-include=${name}`)
  const what = names === undefined ? ['.'] : ['--no-recursion', '--null', '--verbatim-files-from', '-T', '-']
  const command = [...CREATE, ...xattrs, '-C', directory, ...what]
  return readTool(command, { ...rest, ...(names !== undefined && { input: names }) })
}
