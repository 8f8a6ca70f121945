import { join } from 'node:path'
import { root } from '../../scripts/steps.mjs'

const bin = join(root, 'packages', 'cli', 'dist', 'bin.js')

/**
 * This project's command, with a store of its own.
 * @param {{ store: string, args: string[] }} options args: the word of the command first
 * @returns {import('./measure.mjs').Command}
 */
export function cooper({ store, args: [command = '', ...args] }) {
  return [process.execPath, bin, command, '--store', store, ...args]
}
