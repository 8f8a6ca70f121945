import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RuntimeOutput } from './runtime-output.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const WORDS = Buffer.from('exec /bin/x: exec format error\n')

function output() {
  const shown: string[] = []
  const runtime = new RuntimeOutput((stream, chunk) => void shown.push(`${stream}: ${Buffer.from(chunk)}`))
  return { runtime, shown }
}

describe('output that may be a runtime’s', () => {
  it('waits a moment, and no longer: programs write such lines too', async () => {
    const { runtime, shown } = output()
    await runtime.take('stderr', Buffer.from('time="now" level=info\n'))
    expect(shown).toEqual([])
    vi.advanceTimersByTime(300)
    expect(shown).toEqual(['stderr: time="now" level=info\n'])
    await runtime.take('stderr', Buffer.from('more\n'))
    await runtime.end()
    expect(shown.slice(1)).toEqual(['stderr: more\n'])
  })

  it('comes before what is written next', async () => {
    const { runtime, shown } = output()
    await runtime.take('stderr', WORDS)
    await runtime.take('stdout', Buffer.from('out\n'))
    expect(shown).toEqual([`stderr: ${WORDS}`, 'stdout: out\n'])
    expect(runtime.startFailure({ exitCode: 1 }, '/bin/x')).toBeUndefined()
  })

  it('tells of a program that was not started, also where the runtime takes its time', async () => {
    const { runtime, shown } = output()
    await runtime.take('stderr', WORDS)
    expect(runtime.startFailure({ exitCode: 1 }, '/bin/x')?.code).toBe('E_RUN_START')
    expect(shown).toEqual([])
    vi.advanceTimersByTime(300)
    expect(runtime.startFailure({ exitCode: 1 }, '/bin/x')?.code).toBe('E_RUN_START')
  })

  it('is shown no more when it was stopped', async () => {
    const { runtime, shown } = output()
    await runtime.take('stderr', WORDS)
    runtime.stop()
    vi.advanceTimersByTime(300)
    expect(shown).toEqual([])
  })
})
