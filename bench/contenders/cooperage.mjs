import { join } from 'node:path'
import { root } from '../../scripts/steps.mjs'
import { archive, contextOf, home } from './contender.mjs'

/**
 * This project's command, in its default form.
 * @param {string} folder the folder that is the rivals' root
 * @returns {import('./contender.mjs').Contender}
 */
export function cooperage(folder) {
  const store = join(folder, home, 'store')
  const bin = join(root, 'packages', 'cli', 'dist', 'bin.js')
  return {
    name: 'Cooperage',
    shows: 'cooper build -t bench -o type=docker,dest=FILE CONTEXT',
    judged: false,
    once: false,
    inputs: ['many', 'big'],
    forget: [['rm', '-rf', store]],
    build: (input) => [
      ...[process.execPath, bin, 'build', '--store', store, '-t', 'bench'],
      ...['-o', `type=docker,dest=${join(folder, archive)}`, join(folder, contextOf(input))],
    ],
  }
}
