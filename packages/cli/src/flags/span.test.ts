import { expect, test } from 'vitest'
import { parseSpan } from './span.js'

test.each([
  ['0', 0],
  ['500ms', 500],
  ['90s', 90_000],
  ['1h30m', 5_400_000],
  ['7d', 604_800_000],
])('%s is %i ms', (text, milliseconds) => {
  expect(parseSpan('grace', text)).toBe(milliseconds)
})

test.each(['', '1', '-1h', '1.5h', '1 h', 'h', '1y'])('%j is refused', (text) => {
  expect(() => parseSpan('grace', text)).toThrow(expect.objectContaining({ code: 'E_CLI' }))
})
