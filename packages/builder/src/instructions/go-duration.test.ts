import { expect, it } from 'vitest'
import { parseGoDuration } from './go-duration.js'

it.each([
  ['0', 0n],
  ['-0', 0n],
  ['5s', 5_000_000_000n],
  ['1h15m30.918s', 4_530_918_000_000n],
  ['+1.5h', 5_400_000_000_000n],
  ['-.5m', -30_000_000_000n],
  ['1.s', 1_000_000_000n],
  ['12\u00b5s', 12_000n],
  ['12\u03bcs', 12_000n],
  ['0.3333333333333333333h', 1_200_000_000_000n],
  ['9223372036854775807ns', 9_223_372_036_854_775_807n],
  ['-9223372036854775808ns', -9_223_372_036_854_775_808n],
  ['0.9223372036854775807h', 3_320_413_933_267n],
])('%s is a duration', (text, nanoseconds) => {
  expect(parseGoDuration(text)).toBe(nanoseconds)
})

it.each([
  ['', 'time: invalid duration ""'],
  ['-', 'time: invalid duration "-"'],
  ['.', 'time: invalid duration "."'],
  ['.s', 'time: invalid duration ".s"'],
  ['3', 'time: missing unit in duration "3"'],
  ['3.', 'time: missing unit in duration "3."'],
  ['1s2', 'time: missing unit in duration "1s2"'],
  ['3d', 'time: unknown unit "d" in duration "3d"'],
  ['1 s', 'time: unknown unit " s" in duration "1 s"'],
  ['1h-2m', 'time: unknown unit "h-" in duration "1h-2m"'],
  ['\u00e9"', 'time: invalid duration "\\xc3\\xa9\\""'],
  ['9223372036854775808ns', 'time: invalid duration "9223372036854775808ns"'],
  ['9223372036854775.808us', 'time: invalid duration "9223372036854775.808us"'],
  ['99999999999999999999d', 'time: invalid duration "99999999999999999999d"'],
  ['3000000h', 'time: invalid duration "3000000h"'],
])('%j is none', (text, message) => {
  expect(() => parseGoDuration(text)).toThrow(message)
})
