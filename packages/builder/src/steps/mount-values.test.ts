import { expect, test } from 'vitest'
import { parseGoBool, parseRamSize, parseUint32 } from './mount-values.js'

test('sizes are in powers of 1024 with any spelling of the unit', () => {
  expect(['100', '1k', '64m', '1.5GiB', '2 gb', '1b', '1e3', '+5.k'].map(parseRamSize)).toEqual([
    100,
    1024,
    64 * 1024 ** 2,
    1.5 * 1024 ** 3,
    2 * 1024 ** 3,
    1,
    1000,
    5 * 1024,
  ])
  expect(['', 'x', '-1', '1q', '1kk', '1ki', '1e', 'e3'].map(parseRamSize)).toEqual(Array(8).fill(undefined))
})

test('numbers must fit 32 bits and have no sign', () => {
  expect(parseUint32('0755', 8)).toBe(0o755)
  expect(parseUint32('4294967295', 10)).toBe(4294967295)
  expect([parseUint32('9', 8), parseUint32('4294967296', 10), parseUint32('-1', 10)]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
})

test('booleans are those of Go', () => {
  expect(['1', 'T', 'false', 'yes', ''].map(parseGoBool)).toEqual([true, true, false, undefined, undefined])
})
