import { expect, it } from 'vitest'
import { jsonArray } from './json-array.js'

it.each([
  ['["a", "\\u00e9\\n"]', ['a', '\u00e9\n']],
  [' [ ] ', []],
  ['["\\ud800x"]', ['\ufffdx']],
  ["['a']", undefined],
  ['["a",]', undefined],
  ['["a"] b', undefined],
  ['{"a":1}', undefined],
  ['[1e999]', undefined],
  [`${'['.repeat(10_001)}${']'.repeat(10_001)}`, undefined],
])('%.30s is what Go makes of it', (text, items) => {
  expect(jsonArray(text)).toEqual(items)
})

it.each(['[1]', '["a", null]', '[["a"]]', '[{}]'])(
  '%s is refused: it is an array, but not of texts',
  (text) => {
    expect(() => jsonArray(text)).toThrow('arrays must be comprised of strings only')
  },
)
