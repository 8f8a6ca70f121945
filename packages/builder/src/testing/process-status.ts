import { readFile } from 'node:fs/promises'
import { descendantsOf } from '../run/sandbox/processes.js'
import type { BenchRun, ExecutorBench } from './executor-bench.js'

const NAME = 'sleep'
const TURN = 10
const PATIENCE = 20_000

/** /proc/pid/status of a process of a container, seen from outside: some have no /proc. */
export async function processStatus(
  bench: ExecutorBench,
  options: BenchRun = {},
): Promise<Record<string, string>> {
  const stop = new AbortController()
  const run = bench.run([NAME, '60'], { ...options, signal: stop.signal }).catch((error: unknown) => error)
  try {
    return await Promise.race([findStatus(), run.then((end) => Promise.reject(end))])
  } finally {
    stop.abort()
    await run
  }
}

/** Of this process. */
export async function ownStatus(): Promise<Record<string, string>> {
  return parse(await readFile('/proc/self/status', 'latin1'))
}

async function findStatus(): Promise<Record<string, string>> {
  for (const deadline = Date.now() + PATIENCE; Date.now() < deadline; ) {
    for (const { pid } of descendantsOf(process.pid)) {
      const status = parse(await readFile(`/proc/${pid}/status`, 'latin1').catch(() => ''))
      if (status.Name === NAME) return status
    }
    await new Promise((resolve) => setTimeout(resolve, TURN))
  }
  throw new Error('the process of the container was never seen')
}

function parse(text: string): Record<string, string> {
  return Object.fromEntries(
    text
      .trim()
      .split('\n')
      .map((line) => line.split(/:\s*/, 2) as [string, string]),
  )
}
