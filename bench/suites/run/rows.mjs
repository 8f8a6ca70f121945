/**
 * @typedef {object} RunExtra
 * @property {(scale: number, turn: number) => string} dockerfile
 * @property {boolean} cold whether its commands are new in every run
 */
/** @typedef {import('../../lib/suite.mjs').Row & RunExtra} RunRow */

/** @type {RunRow[]} */
export const rows = [
  { name: 'ten small RUN, nothing cached', group: 'steps', cold: true, bar: 1.5, dockerfile: tenSteps },
  { name: 'ten small RUN, all cached', group: 'steps', cold: false, bar: 0.5, dockerfile: tenSteps },
  { name: 'one RUN writes 20,000 files', group: 'writes', cold: true, bar: 1, dockerfile: manyFiles },
]

function tenSteps(/** @type {number} */ _, /** @type {number} */ turn) {
  const steps = Array.from({ length: 10 }, (_, index) => `RUN echo ${turn} > /step-${index + 1}\n`)
  return `FROM debian\n${steps.join('')}`
}

/** Nothing but the shell and seq has to start, so that the time is that of the files. */
function manyFiles(/** @type {number} */ scale, /** @type {number} */ turn) {
  return `FROM debian
RUN mkdir /written && cd /written && for d in $(seq ${Math.round(200 * scale)}); do \\
      mkdir $d && for f in $(seq 100); do echo $d $f > $d/$f; done; \\
    done # ${turn}
`
}
