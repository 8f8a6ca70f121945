// npm run bench: our times beside those of BuildKit and buildah, measured in turn on the same machine.
// It judges and never fails: a slow build is a figure, and a missing rival is a line that says so.
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { build, install, root } from '../scripts/steps.mjs'
import { home } from './contenders/contender.mjs'
import { findTool } from './lib/find-tool.mjs'
import { judge } from './lib/judge.mjs'
import { lineUp } from './lib/line-up.mjs'
import { describeMachine } from './lib/machine.mjs'
import { makeInputs } from './lib/make-inputs.mjs'
import { readOptions, usage } from './lib/options.mjs'
import { formatReport } from './lib/report.mjs'
import { bringUpRivals } from './lib/rivals.mjs'
import { rows as allRows } from './lib/rows.mjs'
import { takeTurns } from './lib/take-turns.mjs'
import { writePage } from './lib/write-page.mjs'

const say = (/** @type {string} */ text) => process.stderr.write(text)

/** @param {import('./lib/options.mjs').BenchOptions} options */
async function bench({ runs, scale, only, markdown }) {
  const tool = findTool('fixtures')
  if (tool === undefined) {
    say(
      'bench: the tool `fixtures` is not here, which writes the inputs; COOPERAGE_SHARED names its folder\n',
    )
    return
  }
  const rivals = await bringUpRivals()
  if (typeof rivals === 'string') say(`bench: no rivals: ${rivals}\n`)
  const others = typeof rivals === 'string' ? undefined : rivals
  const folder = others?.folder ?? mkdtempSync('/var/tmp/cooperage-bench-')
  const stop = async () => {
    await others?.down()
    rmSync(others ? join(folder, home) : folder, { recursive: true, force: true })
  }
  for (const [signal, code] of Object.entries({ SIGINT: 130, SIGTERM: 143 })) {
    process.once(signal, () => stop().finally(() => process.exit(code)))
  }
  try {
    rmSync(join(folder, home), { recursive: true, force: true })
    const rows = allRows.filter(({ input }) => only === undefined || input === only)
    say('writing the inputs\n')
    await makeInputs({ tool, folder, kinds: [...new Set(rows.map(({ input }) => input))], scale })
    const contenders = await lineUp(folder, others)
    const results = await takeTurns({ folder, contenders, rows, runs, say })
    const lines = judge(results, contenders)
    const report = formatReport({ machine: describeMachine(folder), contenders, lines, runs, scale })
    console.log(report)
    if (markdown) say(`wrote ${writePage(report)}\n`)
  } finally {
    await stop()
  }
}

/** @returns {import('./lib/options.mjs').BenchOptions | undefined} */
function optionsOrUsage() {
  try {
    const options = readOptions(process.argv.slice(2))
    if (options === undefined) console.log(usage)
    return options
  } catch (error) {
    say(`bench: ${error instanceof Error ? error.message : error}\n\n${usage}\n`)
    process.exitCode = 2
  }
}

const options = optionsOrUsage()
if (options !== undefined) {
  install()
  build({ mayFail: true })
  if (existsSync(join(root, 'packages', 'cli', 'dist', 'bin.js'))) {
    await bench(options).catch((error) => say(`bench: ${error.message}\n`))
  } else say('bench: the packages do not compile, so there is nothing to measure\n')
}
