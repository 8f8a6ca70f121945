// Runs the suite of executors in a process of its own, as whatever user it is started: a line of JSON for each check.
// Arguments: the executor's name, a directory, a busybox.
import { probeExecutors } from '../packages/builder/dist/index.js'
import { ExecutorBench, executorChecks } from '../packages/builder/dist/testing/index.js'

const [name, directory, busybox, pattern = ''] = process.argv.slice(2)
const reports = await probeExecutors({ directory })
const report = reports.find((one) => one.name === name)
const { executor } = report
say({
  executor: executor?.description,
  failures: report.failures,
  lacks: executor?.lacks,
  isChosen: report.isChosen,
})
if (executor) {
  for (const check of executorChecks()) {
    if (!check.name.includes(pattern)) continue
    const bench = await ExecutorBench.open({ executor, directory, busybox })
    const start = performance.now()
    try {
      const reason = await check.run(bench)
      say({
        check: check.name,
        ...(reason === undefined ? {} : { notPromised: reason }),
        took: Math.round(performance.now() - start),
      })
    } catch (error) {
      say({ check: check.name, error: error?.stack ?? String(error) })
    } finally {
      await bench[Symbol.asyncDispose]()
    }
  }
}

function say(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}
