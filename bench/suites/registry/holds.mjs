import { statSync } from 'node:fs'
import { listFiles } from '../../lib/list-files.mjs'

/**
 * Sees to it that a folder holds an image: a command that ends well and has moved nothing is not fast. A tenth may be
 * missing, as whoever compresses anew may do it better.
 * @param {string} folder
 * @param {number} bytes of its layers, compressed
 * @throws {Error} where it holds less
 */
export function holds(folder, bytes) {
  const found = listFiles(folder).reduce((sum, path) => sum + statSync(path).size, 0)
  if (found < bytes * 0.9) throw new Error(`${folder} holds ${found} bytes; the image has ${bytes}`)
}
