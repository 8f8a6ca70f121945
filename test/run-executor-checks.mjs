// Runs the suite of executors in a process of its own, as whatever user it is started: a line of JSON for each check.
// Arguments: the executor's name, a directory, a busybox; then, if wanted, a way to mount overlays and words of checks.
import { probeExecutors } from '../packages/builder/dist/index.js'
import { readSituation } from '../packages/builder/dist/run/sandbox/probe/host-situation.js'
import { makeExecutor, probeExecutor } from '../packages/builder/dist/run/sandbox/probe/probe-executor.js'
import { ExecutorBench, executorChecks } from '../packages/builder/dist/testing/index.js'

const [name, directory, busybox, overlay, words = ''] = process.argv.slice(2)
const executor = overlay ? await withOverlay() : await asProbed()
if (executor) {
  for (const check of executorChecks()) {
    if (!check.name.includes(words)) continue
    const bench = await ExecutorBench.open({ executor, directory, busybox })
    try {
      const reason = await check.run(bench)
      say({ check: check.name, ...(reason === undefined ? {} : { notPromised: reason }) })
    } catch (error) {
      say({ check: check.name, error: error?.stack ?? String(error) })
    } finally {
      await bench[Symbol.asyncDispose]()
    }
  }
}

async function asProbed() {
  const reports = await probeExecutors({ directory })
  const { executor, failures, isChosen } = reports.find((one) => one.name === name)
  say({ executor: executor?.description, failures, isChosen })
  return executor
}

/** The executor that is found, with another way to mount overlays than the one it would take. */
async function withOverlay() {
  const situation = readSituation(directory)
  const signal = new AbortController().signal
  const { found, failures } = await probeExecutor(name, { situation, directory, signal })
  const executor = found && makeExecutor(name, { ...found, overlay }, situation)
  say({ executor: executor?.description, failures })
  return executor
}

function say(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}
