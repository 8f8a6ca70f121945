import { join } from 'node:path'

/**
 * The context of an input.
 * @param {string} folder of the place, as whoever uses it sees it
 * @param {string} input
 */
export function contextOf(folder, input) {
  return join(folder, 'inputs', input, 'context')
}

/**
 * The archive that every contender writes. It is removed before each build.
 * @param {string} folder of the place, as whoever uses it sees it
 */
export function archive(folder) {
  return join(folder, 'image.tar')
}
