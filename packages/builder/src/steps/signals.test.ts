import { expect, test } from 'vitest'
import { isSignal } from './signals.js'

test('names with and without SIG in any case, real-time ones and whole numbers are signals', () => {
  expect(
    ['SIGTERM', 'term', 'SIGRTMIN+3', 'RTMAX-14', '9', '-1', '99', '9223372036854775807'].every(isSignal),
  ).toBe(true)
})

test('other words, fractions and zero are not', () => {
  expect(
    ['', '0', '1.5', 'FOO', 'SIGRTMAX+1', 'SIGRTMIN+16', 'RTMAX-0', 'a b', '9223372036854775808', '+00'].some(
      isSignal,
    ),
  ).toBe(false)
})
