import { spawn } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { fixture, workspace } from './workspace.js'

const space = workspace('memory')
const COOPER = fileURLToPath(new URL('../packages/cli/dist/bin.js', import.meta.url))
const MIB = 1 << 20

/**
 * Loaded into the command before its own code: tells at the end how much memory the process had at its peak, as the
 * kernel counted it (proc(5), VmHWM).
 */
const REPORTER = `
import { readFileSync, writeFileSync } from 'node:fs'
process.on('exit', () => {
  const status = readFileSync('/proc/self/status', 'utf8')
  writeFileSync(process.env.PEAK_FILE, /VmHWM:\\s*(\\d+) kB/.exec(status)[1])
})
`

let serial = 0

/** Peak of resident memory, in MiB, of a build with an empty store. */
async function peak(
  context: string,
  output: string,
  home = space.folder(`home-${serial++}`, {}),
): Promise<number> {
  const reporter = space.path('reporter.mjs')
  writeFileSync(reporter, REPORTER)
  const args = ['--import', reporter, COOPER, 'build', '-q', '-o', output, context]
  const env = { PATH: process.env.PATH, HOME: home, PEAK_FILE: `${home}/peak` }
  const child = spawn(process.execPath, args, { cwd: home, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  child.stdout.resume()
  const code = await new Promise((resolve) => child.on('close', resolve))
  expect([code, stderr]).toEqual([0, ''])
  return (Number(readFileSync(`${home}/peak`, 'utf8')) * 1024) / MIB
}

const many = process.platform === 'linux' ? fixture('many', space.path('many'), 0.2) : undefined
const big = (scale: number) => fixture('big', space.path(`big-${scale}`), scale)

describe.skipIf(many === undefined)('a build stays in little memory', () => {
  it('with eight thousand files', async () => {
    const home = space.folder('home-many', {})
    const cold = await peak(many!, 'type=docker,dest=out.tar', home)
    const warm = await peak(many!, 'type=docker,dest=out.tar', home)
    console.log(`8,200 files: ${cold.toFixed(0)} MiB, the second time ${warm.toFixed(0)} MiB`)
    expect(cold).toBeLessThan(250)
    expect(warm).toBeLessThan(250)
    rmSync(home, { recursive: true })
  })

  it('whatever the size of a file', async () => {
    const peaks: Record<string, number> = {}
    for (const scale of [0.1, 0.3, 0.4]) {
      const context = big(scale)!
      peaks[scale] = await peak(context, 'type=docker,dest=out.tar')
      rmSync(context, { recursive: true })
    }
    console.log(
      `100, 300 and 400 MiB: ${Object.values(peaks)
        .map((one) => one.toFixed(0))
        .join(', ')} MiB`,
    )
    expect(Math.max(...Object.values(peaks))).toBeLessThan(250)
    expect(peaks[0.4]! - peaks[0.1]!).toBeLessThan(40)
  })

  it('when it compresses', async () => {
    const used = await peak(big(0.11)!, 'type=oci,dest=out.tar')
    console.log(`112 MiB compressed: ${used.toFixed(0)} MiB`)
    expect(used).toBeLessThan(250)
  })
})
