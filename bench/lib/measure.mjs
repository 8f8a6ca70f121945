import { spawn, spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** @typedef {{ seconds: number, peak: number | undefined }} Measured wall clock; peak in MiB of resident memory */
/** @typedef {[command: string, ...args: string[]]} Command */

const clock = '/usr/bin/time'

// More authorities than Node brings along are read by every start of it: 40 ms on a machine that names a hundred of
// them, of which no benchmark needs one, as nothing here is asked over TLS.
const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env

// Only GNU's `time` knows its version and -f; BSD's has other flags and other units.
const gnuTime = spawnSync(clock, ['--version'], { stdio: 'ignore' }).status === 0

/**
 * Runs a command to its end and takes its time. `peak` is the memory of the largest process of the command's tree,
 * or undefined where GNU time is not installed: the kernel's own figure, not a sample.
 * @param {Command} command
 * @returns {Promise<Measured>}
 * @throws {Error} with the end of its output, when the command fails
 */
export async function measure(command) {
  const report = join(tmpdir(), `cooperage-bench-${process.pid}.time`)
  const [file, ...args] = gnuTime ? [clock, '-q', '-f', '%M', '-o', report, ...command] : command
  const start = performance.now()
  const { status, output } = await finished(spawn(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'] }))
  const seconds = (performance.now() - start) / 1000
  const peak = gnuTime ? Number(readFileSync(report, 'utf8')) / 1024 : undefined
  rmSync(report, { force: true })
  if (status !== 0) throw new Error(`${command.join(' ')}: status ${status}\n${output.slice(-2000)}`)
  return { seconds, peak }
}

/** @param {import('node:child_process').ChildProcessByStdio<null, import('node:stream').Readable, import('node:stream').Readable>} child */
function finished(child) {
  return new Promise((resolve, reject) => {
    let output = ''
    const add = (/** @type {string} */ text) => {
      output += text
    }
    child.stdout.setEncoding('utf8').on('data', add)
    child.stderr.setEncoding('utf8').on('data', add)
    child.on('error', reject)
    child.on('close', (status) => resolve({ status, output }))
  })
}
