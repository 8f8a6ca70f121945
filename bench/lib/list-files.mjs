import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Paths of the regular files below a folder.
 * @param {string} folder
 */
export function listFiles(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}
