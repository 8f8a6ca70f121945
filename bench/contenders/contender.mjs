/** @typedef {import('../lib/measure.mjs').Command} Command */

/**
 * One way from a context to a docker archive.
 * @typedef {object} Contender
 * @property {string} name a few words, the head of its column
 * @property {string} shows the command, as a reader would type it
 * @property {boolean} judged whether the bars are held against it
 * @property {boolean} once slow, and judged by nothing: measured a single time
 * @property {('many' | 'big')[]} inputs those it is measured with
 * @property {Command[]} forget commands that empty its store and its cache
 * @property {(input: string) => Command} build command that builds the input of this name and writes the archive
 */

/** Folder below the rivals' root that holds everything the benchmark writes: as they see it. */
export const home = '/bench'

/**
 * @param {string} input
 * @returns {string} the context of an input, as the rivals see it
 */
export function contextOf(input) {
  return `${home}/inputs/${input}/context`
}

/** The archive that every contender writes, as the rivals see it. It is removed before each build. */
export const archive = `${home}/image.tar`
