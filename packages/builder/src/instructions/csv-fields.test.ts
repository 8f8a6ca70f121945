import { expect, it } from 'vitest'
import { csvFields } from './csv-fields.js'

it.each([
  ['a,b', ['a', 'b']],
  ['type=bind,"target=/a,b"', ['type=bind', 'target=/a,b']],
  ['"a""b",', ['a"b', '']],
  [',', ['', '']],
  ['""', ['']],
])('%j has the fields %j', (line, fields) => {
  expect(csvFields(line)).toEqual(fields)
})

it.each([
  ['', 'EOF'],
  ['a,b"c', 'parse error on line 1, column 4: bare " in non-quoted field'],
  ['"a"b', 'parse error on line 1, column 3: extraneous or missing " in quoted-field'],
  ['\u00e9,"a', 'parse error on line 1, column 6: extraneous or missing " in quoted-field'],
])('%j has none', (line, message) => {
  expect(() => csvFields(line)).toThrow(message)
})
