/** @typedef {import('./measure.mjs').Command} Command */
/** @typedef {import('./place.mjs').Place} Place */

/**
 * One line of the result. A row is measured right after the row above it of the same group, on what that one left.
 * @typedef {object} Row
 * @property {string} name
 * @property {string} group a word by which --only chooses rows
 * @property {number} bar our time is to be at most this part of theirs: 8 stands for 1:8, and 0.5 for 2:1
 */

/**
 * What a contender does for a row.
 * @typedef {object} Turn
 * @property {Command[]} before commands that are not measured: they bring its store and its cache into their state
 * @property {Command} command what is measured
 * @property {() => void} [check] throws where the command ended well and did not do its work
 */

/**
 * One way to do what the rows of a suite are about.
 * @template {Row} [R=any]
 * @typedef {object} Entrant
 * @property {string[]} shows its commands, as a reader would type them
 * @property {boolean} judged whether the bars are held against it
 * @property {boolean} once slow, and judged by nothing: measured a single time
 * @property {(row: R) => Turn | undefined} turn undefined where it takes no part
 */

/**
 * @template {Row} [R=any]
 * @typedef {Entrant<R> & { name: string }} Contender name: a few words, the head of its column
 */

/**
 * Everything that a suite needs to begin.
 * @template {Row} [R=any]
 * @typedef {object} Field
 * @property {Contender<R>[]} contenders ours first
 * @property {Absent[]} absent
 * @property {(row: R) => () => void} prepare changes the input of a row; what it returns takes the change back
 * @property {(row: R) => void} settle makes things equal for everybody, right before each measurement
 */

/** @typedef {{ name: string, reason: string }} Absent a contender that cannot take part here */

/**
 * Rows that are measured with the same contenders, and shown as one part of docs/benchmarks.md.
 * @template {Row} [R=any]
 * @typedef {object} Suite
 * @property {string} name a word, as --suite takes it
 * @property {string} about what is measured, in a few words
 * @property {string} needs what has to be there, in a few words
 * @property {string} head of the column that names the rows
 * @property {number | undefined} memoryBar most resident memory that ours may take in any row, in MiB
 * @property {R[]} rows
 * @property {(place: Place, rows: R[]) => Promise<Field<R>>} setUp brings all that these rows need into an empty
 *   place; throws where something is not to be had
 */

export {}
