import { parseArgs } from 'node:util'

/** @typedef {import('./suite.mjs').Suite} Suite */
/** @typedef {{ suite: Suite, rows: import('./suite.mjs').Row[] }} Chosen rows: at least one */

/**
 * @typedef {object} BenchOptions
 * @property {Chosen[]} chosen
 * @property {number} runs
 * @property {number} scale size of the inputs; 1 is the whole
 * @property {boolean} markdown
 */

/**
 * What can be asked for.
 * @param {Suite[]} suites
 */
export function usage(suites) {
  const list = suites.map(
    ({ name, about, needs, rows }) =>
      `  ${name.padEnd(10)} ${about} (--only ${groupsOf(rows).join(', ')}).\n${' '.repeat(13)}Needs ${needs}.`,
  )
  return `npm run bench -- [--suite NAME]… [--runs N] [--quick] [--only GROUP] [--markdown]

  --suite NAME  only this suite; may be given several times (default: all)
  --runs N      measure every cell N times and show the median (default 3)
  --quick       inputs a tenth of the size: shows that the benchmark works, not how fast anything is
  --only GROUP  only the rows of one group
  --markdown    also write the results into docs/benchmarks.md; suites that do not run keep theirs

Suites, and the groups of their rows:

${list.join('\n')}`
}

/**
 * Reads the command line.
 * @param {string[]} args
 * @param {Suite[]} suites
 * @returns {BenchOptions | undefined} undefined where the usage was asked for
 * @throws {Error} on a flag or a value that it does not know
 */
export function readOptions(args, suites) {
  const { values } = parseArgs({
    args,
    options: {
      suite: { type: 'string', multiple: true },
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
  const chosen = chooseRows(chooseSuites(suites, values.suite), values.only)
  return { chosen, runs, scale: values.quick ? 0.1 : 1, markdown: values.markdown }
}

/**
 * @param {Suite[]} suites
 * @param {string[] | undefined} names
 */
function chooseSuites(suites, names) {
  const known = suites.map(({ name }) => name)
  const unknown = names?.find((name) => !known.includes(name))
  if (unknown !== undefined) throw new Error(`--suite ${unknown}: must be one of ${known.join(', ')}`)
  return suites.filter(({ name }) => names === undefined || names.includes(name))
}

/**
 * @param {Suite[]} suites
 * @param {string | undefined} only
 * @returns {Chosen[]}
 */
function chooseRows(suites, only) {
  const chosen = suites.map((suite) => ({
    suite,
    rows: suite.rows.filter(({ group }) => only === undefined || group === only),
  }))
  const groups = suites.flatMap(({ rows }) => groupsOf(rows))
  if (only !== undefined && !groups.includes(only)) {
    throw new Error(`--only ${only}: must be one of ${groups.join(', ')}`)
  }
  return chosen.filter(({ rows }) => rows.length > 0)
}

function groupsOf(/** @type {import('./suite.mjs').Row[]} */ rows) {
  return [...new Set(rows.map(({ group }) => group))]
}
