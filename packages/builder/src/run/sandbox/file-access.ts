import type { ToolPlace } from './helper/tool-process.js'

/**
 * How directories with the files of images are dealt with. Where owners are those of a user namespace, whatever makes,
 * reads or removes such files has to run inside it.
 */
export interface FileAccess {
  /**
   * The beginning of a command line: what follows it runs with a mount namespace of its own, in which it may mount
   * (unless `overlay` is `none`) and, with `owners: 'all'`, give files to every owner. Empty where none is needed.
   */
  readonly enter: readonly string[]
  /** Where programs that only read such files start sooner than by a command line. */
  readonly place?: ToolPlace
  /**
   * `kernel`: overlayfs with trusted.* attributes; `userxattr`: with user.*; `none`: copy. `fuse`: by
   * fuse-overlayfs, which may tell of what is gone by files named `.wh.…` and `.wh..wh..opq` as in a layer.
   */
  readonly overlay: 'kernel' | 'userxattr' | 'fuse' | 'none'
  /** `one`: every file belongs to one user, and the owners that an image names are kept in the tree alone. */
  readonly owners: 'all' | 'one'
  /** From 0 on, of owners that files can be given to. Default: one, or with `owners: 'all'` every one. */
  readonly ids?: number
  /** May make device nodes. */
  readonly devices: boolean
}
