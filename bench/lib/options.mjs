import { parseArgs } from 'node:util'

export const usage = `npm run bench -- [--runs N] [--quick] [--only many|big] [--markdown]

  --runs N     measure every cell N times and show the median (default 3)
  --quick      inputs a tenth of the size: shows that the benchmark works, not how fast anything is
  --only KIND  only the rows of one input: many or big
  --markdown   also write the result into docs/benchmarks.md`

/**
 * @typedef {object} BenchOptions
 * @property {number} runs
 * @property {number} scale size of the inputs; 1 is 41,000 files and 1 GiB
 * @property {string | undefined} only the one input to measure
 * @property {boolean} markdown
 */

/**
 * Reads the command line.
 * @param {string[]} args
 * @returns {BenchOptions | undefined} undefined where the usage was asked for
 * @throws {Error} on a flag or a value that it does not know
 */
export function readOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      runs: { type: 'string', default: '3' },
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      markdown: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return undefined
  const runs = Number(values.runs)
  if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs ${values.runs}: must be 1 or more`)
  if (values.only !== undefined && !['many', 'big'].includes(values.only)) {
    throw new Error(`--only ${values.only}: must be many or big`)
  }
  return { runs, scale: values.quick ? 0.1 : 1, only: values.only, markdown: values.markdown }
}
