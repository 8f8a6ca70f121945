import { lstat, rm, stat, truncate } from 'node:fs/promises'
import { hasErrno } from '@cooperage/store/errors'

/**
 * Takes away what an earlier build wrote to --iidfile: after a failure it would pass for the image of this build. A
 * link stays, as it does when the file is written, and so does a device.
 */
export async function removeImageId(path: string): Promise<void> {
  try {
    if ((await lstat(path)).isFile()) await rm(path, { force: true })
    else if ((await stat(path)).isFile()) await truncate(path)
  } catch (error) {
    if (!hasErrno(error, 'ENOENT', 'ENOTDIR')) throw error
  }
}
