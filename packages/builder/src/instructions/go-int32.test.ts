import { expect, it } from 'vitest'
import { parseGoInt32 } from './go-int32.js'

it.each([
  ['0', 0],
  ['+7', 7],
  ['-0012', -12],
  ['2147483647', 2_147_483_647],
  ['-2147483648', -2_147_483_648],
])('%s is a number', (text, value) => {
  expect(parseGoInt32(text)).toBe(value)
})

it.each([
  ['', 'invalid syntax'],
  ['+', 'invalid syntax'],
  ['1_000', 'invalid syntax'],
  ['0x1', 'invalid syntax'],
  ['2147483648', 'value out of range'],
  ['99999999999x', 'value out of range'],
])('%j is none', (text, problem) => {
  expect(() => parseGoInt32(text)).toThrow(`strconv.ParseInt: parsing "${text}": ${problem}`)
})
