import { expect, test } from 'vitest'
import { formatGoDuration, formatGoList, quoteGoList } from './go-format.js'

test.each([
  [0, '0s'],
  [1, '1ns'],
  [1500, '1.5µs'],
  [10_000_000, '10ms'],
  [1_500_000, '1.5ms'],
  [3_000_000_000, '3s'],
  [90_000_000_000, '1m30s'],
  [300_000_000_000, '5m0s'],
  [3_600_000_000_000, '1h0m0s'],
  [5_400_500_000_000, '1h30m0.5s'],
  [9_223_372_036_854_775_807n, '2562047h47m16.854775807s'],
])('%d nanoseconds are written as %s', (nanoseconds, text) => {
  expect(formatGoDuration(nanoseconds)).toBe(text)
})

test('lists are written as Go writes them, quoted or plain', () => {
  expect(quoteGoList(['a\tb', 'é', '"', '\u0001', '\u200b'])).toBe('["a\\tb" "é" "\\"" "\\x01" "\\u200b"]')
  expect(formatGoList(['/a', '/b c'])).toBe('[/a /b c]')
})
