import { closeSync, openSync, readSync } from 'node:fs'
import { listFiles } from './list-files.mjs'

/**
 * Reads every file below a folder once, so that the kernel holds them: the disk is no contender.
 * @param {string} folder
 */
export function warm(folder) {
  const buffer = Buffer.allocUnsafe(1 << 20)
  for (const path of listFiles(folder)) {
    const file = openSync(path, 'r')
    while (readSync(file, buffer) > 0);
    closeSync(file)
  }
}
