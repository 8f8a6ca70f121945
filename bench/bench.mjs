// npm run bench: our times beside those of BuildKit, docker, skopeo and buildah, measured in turn on the same machine.
// It judges and never fails: a slow build is a figure, and a missing rival is a line that says so.
import { build, install } from '../scripts/steps.mjs'
import { readOptions, usage } from './lib/options.mjs'
import { openPlace } from './lib/place.mjs'
import { bringUpRivals } from './lib/rivals.mjs'
import { runSuite } from './lib/run-suite.mjs'
import { writePage } from './lib/write-page.mjs'
import { suites } from './suites/suites.mjs'

const say = (/** @type {string} */ text) => process.stderr.write(text)

/** @param {import('./lib/options.mjs').BenchOptions} options */
async function bench({ chosen, runs, scale, markdown }) {
  const rivals = bringUpRivals()
  if (typeof rivals === 'string') say(`bench: no rivals: ${rivals}\n`)
  /** @type {import('./lib/place.mjs').Place | undefined} */
  let place
  const stop = async () => {
    await place?.close()
    if (typeof rivals !== 'string') rivals.down()
  }
  for (const [signal, code] of Object.entries({ SIGINT: 130, SIGTERM: 143 })) {
    process.once(signal, () => stop().finally(() => process.exit(code)))
  }
  try {
    for (const { suite, rows } of chosen) {
      place = openPlace({ name: suite.name, scale, rivals })
      try {
        const report = await runSuite(suite, rows, { place, runs, say })
        console.log(`## ${suite.name}\n\n${report}\n`)
        if (markdown) say(`wrote ${suite.name} into ${writePage(suite.name, report)}\n`)
      } catch (error) {
        say(`bench: ${suite.name}: ${messageOf(error)}\nIt needs ${suite.needs}.\n`)
      }
      await place.close()
    }
  } finally {
    await stop()
  }
}

function optionsOrUsage() {
  try {
    const options = readOptions(process.argv.slice(2), suites)
    if (options === undefined) console.log(usage(suites))
    return options
  } catch (error) {
    say(`bench: ${messageOf(error)}\n\n${usage(suites)}\n`)
    process.exitCode = 2
    return undefined
  }
}

function messageOf(/** @type {unknown} */ error) {
  return error instanceof Error ? error.message : String(error)
}

const options = optionsOrUsage()
if (options !== undefined) {
  install()
  // What an earlier build left would be measured in its place, or the command before it is bundled.
  if (build({ mayFail: true }) === 0) await bench(options).catch((error) => say(`bench: ${error.message}\n`))
  else say('bench: the packages do not compile, so there is nothing to measure\n')
}
