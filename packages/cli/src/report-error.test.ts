import { CooperageError } from '@cooperage/store/errors'
import { describe, expect, test } from 'vitest'
import { exitCodeOf } from './exit-code.js'
import { reportError } from './report-error.js'
import { fullStore } from './with-store.js'

const source = ['FROM scratch', 'COPY a /a', 'RNU x', '', 'USER 1', '']

describe('an error as a person reads it', () => {
  test('says what, where with an excerpt, and what to do', () => {
    const error = new CooperageError('E_DF_UNKNOWN', 'unknown instruction: RNU', {
      hint: 'did you mean RUN?',
      location: { file: 'Dockerfile', line: 3, source },
    })
    expect(reportError(error, { debug: false })).toBe(`error[E_DF_UNKNOWN]: unknown instruction: RNU
Dockerfile:3
--------------------
   1 |     FROM scratch
   2 |     COPY a /a
   3 | >>> RNU x
   4 |
   5 |     USER 1
--------------------
  hint: did you mean RUN?
`)
  })

  test('several lines are all marked', () => {
    const location = { file: 'Dockerfile', line: 2, endLine: 3, source }
    const text = reportError(new CooperageError('E_X', 'no', { location }), { debug: false })
    expect(text.match(/>>>/g)).toHaveLength(2)
  })

  test('a place without its text is named alone', () => {
    const location = { file: 'Dockerfile', line: 9 }
    expect(reportError(new CooperageError('E_X', 'no', { location }), { debug: false })).toBe(
      'error[E_X]: no\nDockerfile:9\n',
    )
  })

  test('the cause says why, once', () => {
    const cause = new Error('inner', { cause: new Error('inner') })
    expect(reportError(new CooperageError('E_X', 'outer', { cause }), { debug: false })).toBe(
      'error[E_X]: outer\n  why: inner\n',
    )
  })

  test('what was expected and what was found are shown', () => {
    const error = new CooperageError('E_X', 'mismatch', { data: { expected: 'a', found: 'b' } })
    expect(reportError(error, { debug: false })).toContain('  expected: a\n  found:    b\n')
  })

  test('control characters from outside are shown, not obeyed', () => {
    const error = new CooperageError('E_X', 'no \x1b[31m', { hint: '\x07' })
    expect(reportError(error, { debug: false })).toBe('error[E_X]: no \\x1b[31m\n  hint: \\x07\n')
  })

  test('every error of an aggregate is told', () => {
    const error = new AggregateError([new CooperageError('E_A', 'a'), new CooperageError('E_B', 'b')])
    expect(reportError(error, { debug: false })).toBe('error[E_A]: a\nerror[E_B]: b\n')
  })
})

describe('a fault of ours', () => {
  test('is one sentence and a hint, no stack', () => {
    const text = reportError(new TypeError('x is undefined'), { debug: false })
    expect(text).toBe(
      'error[E_INTERNAL]: this is a fault in cooper: x is undefined\n  hint: run the command again with --debug for the details of a report\n',
    )
  })

  test('has its stack with --debug', () => {
    expect(reportError(new TypeError('x'), { debug: true })).toMatch(/at .*report-error\.test\.ts/)
  })
})

describe('exit codes', () => {
  test.each([
    ['user', 1],
    ['store', 2],
    ['network', 3],
    ['sandbox', 4],
    ['internal', 70],
    ['interrupted', 130],
  ] as const)('%s is %i', (category, code) => {
    expect(exitCodeOf(new CooperageError('E_X', 'x', { category }))).toBe(code)
  })

  test('anything unknown is a fault of ours', () => {
    expect(exitCodeOf(new Error('x'))).toBe(70)
    expect(exitCodeOf('x')).toBe(70)
  })

  test('a full disk is an affair of the store, and is told as such', () => {
    const error = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
    expect(exitCodeOf(error)).toBe(2)
    expect(reportError(error, { debug: false })).toContain('error[E_NO_SPACE]')
    expect(reportError(error, { debug: false })).not.toContain('prune')
    const place = (path: string) =>
      reportError(fullStore(Object.assign(error, { path }), '/s'), { debug: false })
    expect(place('/s/trees/x')).toMatch(/: \/s\/trees\/x\n[\s\S]*hint: cooper prune --grace 0s/)
    expect(place('/store')).not.toContain('prune')
  })
})
