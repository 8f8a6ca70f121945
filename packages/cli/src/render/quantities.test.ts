import { expect, test } from 'vitest'
import { shortId, showAge, showBytes, showSeconds } from './quantities.js'

test.each([
  [0, '0B'],
  [999, '999B'],
  [1000, '1kB'],
  [1536, '1.54kB'],
  [7_049_688, '7.05MB'],
  [999_950, '1MB'],
  [123_456_789_012, '123GB'],
])('%i bytes are %s', (bytes, text) => {
  expect(showBytes(bytes)).toBe(text)
})

test.each([
  [-5, '0.0s'],
  [120, '0.1s'],
  [12_340, '12.3s'],
  [125_900, '2m 05s'],
])('%i ms are %s', (ms, text) => {
  expect(showSeconds(ms)).toBe(text)
})

const now = Date.parse('2026-11-21T12:00:00Z')
test.each([
  ['2026-11-21T12:00:00Z', 'Less than a second ago'],
  ['2026-11-21T11:59:30Z', '30 seconds ago'],
  ['2026-11-21T11:59:00Z', 'About a minute ago'],
  ['2026-11-21T11:00:00Z', 'About an hour ago'],
  ['2026-11-20T12:00:00Z', '24 hours ago'],
  ['2026-11-10T12:00:00Z', '11 days ago'],
  ['2026-10-25T12:00:00Z', '3 weeks ago'],
  ['2026-05-21T12:00:00Z', '6 months ago'],
  ['1970-01-01T00:00:00Z', '56 years ago'],
  ['', 'N/A'],
  ['soon', 'N/A'],
])('%j is %s', (created, text) => {
  expect(showAge(created, now)).toBe(text)
})

test('an ID is shortened to twelve digits', () => {
  expect(shortId(`sha256:${'0123456789abcdef'.repeat(4)}`)).toBe('0123456789ab')
})
