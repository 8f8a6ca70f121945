import type { Executor } from './sandbox/executor.js'
import type { FileAccess } from './sandbox/file-access.js'

/**
 * How the files of an executor's containers are dealt with by programs that mount nothing: for real root they need no
 * namespace, and start in less time.
 */
export function directFiles({ name, files }: Executor): FileAccess {
  return name === 'oci-root' || name === 'unshare-root' ? { ...files, enter: [] } : files
}
