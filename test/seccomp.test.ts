import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { probeExecutors } from '@cooperage/builder'
import { ExecutorBench } from '@cooperage/builder/testing'
import { describe, expect, it } from 'vitest'
import { descendantsOf } from '../packages/builder/src/run/sandbox/processes.js'
import { compileFilter } from '../packages/builder/src/run/sandbox/seccomp/compile-filter.js'
import { defaultPolicy } from '../packages/builder/src/run/sandbox/seccomp/policy.js'
import { syscallNumbers } from '../packages/builder/src/run/sandbox/seccomp/syscall-numbers.js'
import { staticBusybox } from './executor-users.js'
import { rivalDocker } from './rival-tools.js'
import { evaluateFilter, filterOf } from './seccomp-filter.js'
import { workspace } from './workspace.js'

const space = workspace('seccomp')
const NATIVE = 0xc000003e
const canLook = process.getuid?.() === 0 && process.arch === 'x64'
const own = compileFilter(defaultPolicy('x64'), 'x64')
const numbers = syscallNumbers('x64')
const ARGUMENTS = [
  0n,
  1n,
  8n,
  9n,
  12n,
  16n,
  19n,
  38n,
  40n,
  45n,
  46n,
  0x11n,
  0x20000n,
  0x10000000n,
  0x7e020000n,
  0xffffffffn,
  1n << 32n,
]

/** Calls for which two filters decide otherwise, for one argument at least. */
function differences(one: Uint8Array, other: Uint8Array): string[] {
  const decide = (filter: Uint8Array, number: number, argument: bigint) =>
    evaluateFilter(filter, { number, arch: NATIVE, args: [argument] })
  return [...numbers].flatMap(([name, number]) =>
    ARGUMENTS.some((argument) => decide(one, number, argument) !== decide(other, number, argument))
      ? [name]
      : [],
  )
}

describe.skipIf(!canLook)('the system calls that a step may make', () => {
  it('are those of Docker 26, but for sockets and for calls that are newer than it', (context) => {
    const docker = rivalDocker()
    if (docker === undefined) return context.skip()
    const busybox = staticBusybox()
    if (busybox === undefined) return context.skip()
    const name = `cooper-seccomp-${process.pid}`
    const [directory, file] = [dirname(busybox), basename(busybox)]
    const image = execFileSync('tar', ['-C', directory, '-c', file, `--transform=s/${file}/sleep/`], {
      maxBuffer: 1 << 26,
    })
    try {
      docker(['import', '-', name], { input: image })
      docker(['run', '--detach', '--rm', '--network', 'none', '--name', name, name, '/sleep', '60'])
      const pid = Number(docker(['inspect', '--format', '{{.State.Pid}}', name]))
      expect(readFileSync(`/proc/${pid}/status`, 'latin1')).toMatch(/^Seccomp:\s*2$/m)
      const newer = [...numbers]
        .filter(([, number]) => number > numbers.get('futex_requeue')!)
        .map(([call]) => call)
      expect(differences(own, filterOf(pid)).sort()).toEqual(['socket', 'uretprobe', ...newer].sort())
    } finally {
      for (const forget of [
        ['rm', '--force', name],
        ['rmi', '--force', name],
      ])
        docker(forget)
    }
  })

  it('are the same with an OCI runtime as with our own filter', async (context) => {
    const busybox = staticBusybox()
    if (busybox === undefined) return context.skip()
    const reports = await probeExecutors({ directory: space.root })
    const executor = reports.find(({ name }) => name === 'oci-root')?.executor
    if (executor === undefined) return context.skip('oci-root does not work here')
    await using bench = await ExecutorBench.open({ executor, directory: space.root, busybox })
    const stop = new AbortController()
    const running = bench.run(['sleep', '60'], { signal: stop.signal })
    running.catch(() => {})
    try {
      const filter = filterOf(await processNamed('sleep'))
      // Calls that the runtime's library does not know yet it cannot allow.
      const unknown = [...numbers].filter(
        ([, number]) => evaluateFilter(filter, { number, arch: NATIVE, args: [] }) === 0x50026,
      )
      const newer = new Set(['uretprobe', ...unknown.map(([name]) => name)])
      expect(differences(own, filter).filter((name) => !newer.has(name))).toEqual([])
      expect(newer.has('futex_waitv')).toBe(false)
      expect(newer.has('clone3')).toBe(true)
    } finally {
      stop.abort()
      await running.catch(() => {})
    }
  })
})

async function processNamed(name: string): Promise<number> {
  for (;;) {
    for (const { pid } of descendantsOf(process.pid)) {
      try {
        if (readFileSync(`/proc/${pid}/comm`, 'latin1').trim() === name) return pid
      } catch {
        // It ended.
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
