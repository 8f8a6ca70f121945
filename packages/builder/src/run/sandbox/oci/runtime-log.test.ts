import { describe, expect, it } from 'vitest'
import { execFailure, runtimeFailure } from './runtime-log.js'

const line = (msg: string, level = 'error'): string =>
  `${JSON.stringify({ level, msg, time: '2026-01-01' })}\n`
const START = 'runc run failed: unable to start container process: '

describe('the log of a runtime', () => {
  it('without errors is no failure', () => {
    expect(runtimeFailure('', 'sh')).toBeUndefined()
    expect(runtimeFailure(line('something odd', 'warning'), 'sh')).toBeUndefined()
    expect(runtimeFailure('{"level":"err', 'sh')).toBeUndefined()
  })

  it.each([
    [`${START}exec: "sh": executable file not found in $PATH`, 'ENOENT'],
    [`${START}exec: "/bin/x": stat /bin/x: no such file or directory`, 'ENOENT'],
    [`${START}exec: "/bin/x": permission denied`, 'EACCES'],
    [`${START}exec /bin/x: exec format error`, 'ENOEXEC'],
    ['executable file `sh` not found in $PATH: No such file or directory', undefined],
    ['exec /bin/x: Text file busy', 'ETXTBSY'],
  ])('%s', (message, errno) => {
    const failure = runtimeFailure(line(message), 'sh')
    expect([failure?.code, failure?.data.errno]).toEqual(
      errno === undefined ? ['E_SANDBOX', undefined] : ['E_RUN_START', errno],
    )
  })

  it('of anything else is a failure of the sandbox', () => {
    const failure = runtimeFailure(
      line('cgroups: permission denied') + line(`${START}error mounting "proc"`),
      'sh',
    )
    expect(failure).toMatchObject({ code: 'E_SANDBOX', category: 'sandbox' })
    expect(failure?.message).toContain('error mounting')
  })
})

describe('words on stderr', () => {
  it('are those of runc only when they are exactly so', () => {
    expect(execFailure('exec /srv/x: exec format error\n', '/srv/x')?.data.errno).toBe('ENOEXEC')
    expect(execFailure('exec /bin/x: text file busy\n', 'x')?.data.errno).toBe('ETXTBSY')
    for (const words of [
      'exec /srv/y: exec format error\n',
      'exec /srv/x: exec format error\nmore',
      'exec /srv/x: a reason\n',
    ]) {
      expect(execFailure(words, '/srv/x')).toBeUndefined()
    }
  })
})
