import { expect, test } from 'vitest'
import { goJson } from './go-json.js'
import { JsonNumber } from './json-value.js'
import { parseJson } from './parse-json.js'

const read = (text: string | Uint8Array) =>
  parseJson(Buffer.from(text), { what: 'thing', code: 'E_MANIFEST' })

test('JSON is read as JSON.parse reads it', () => {
  const samples = [
    'null',
    ' [ ] ',
    '{"a":[1,-2,{"b":"\\u00e9\\n\\"\\/\\b\\f\\r\\t"}],"c":true,"d":false,"é":"😀\\ud83d\\ude00"}',
    '[9007199254740991,0]',
    '{"1":"x","__proto__":"y","constructor":{}}',
  ]
  for (const text of samples) expect(JSON.stringify(read(text))).toBe(JSON.stringify(JSON.parse(text)))
})

test('text that is not JSON is refused with the code of the caller', () => {
  const samples = [
    '',
    '{',
    '[1,]',
    '{"a":1,}',
    '{a:1}',
    "{'a':1}",
    '01',
    '+1',
    '1.',
    '.5',
    'nul',
    '"\u0001"',
    '"\\x"',
    '"\\u12g4"',
    '"open',
    '[1] 2',
    '\ufeff{}',
    '[1 2]',
    '{"a" 1}',
    '\u00a0{}',
    '['.repeat(100_000),
    '{"a":'.repeat(100_000),
  ]
  for (const text of samples)
    expect(() => read(text), text.slice(0, 20)).toThrow(expect.objectContaining({ code: 'E_MANIFEST' }))
  expect(() => read(Uint8Array.of(0x22, 0xff, 0x22))).toThrow(expect.objectContaining({ code: 'E_MANIFEST' }))
})

test('a name that stands twice in one object is refused, also when written with escapes', () => {
  for (const text of ['{"a":1,"a":1}', '{"a":1,"\\u0061":2}', '[{"x":{"__proto__":1,"__proto__":2}}]']) {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'E_MANIFEST_AMBIGUOUS' }))
  }
  expect(read('[{"a":1},{"a":2}]')).toEqual([{ a: 1 }, { a: 2 }])
})

test('a document above the limit is refused before it is read', () => {
  expect(() => parseJson(Buffer.alloc(11), { what: 'x', code: 'E_CONFIG', limit: 10 })).toThrow(
    expect.objectContaining({ code: 'E_LIMIT' }),
  )
})

test('numbers that JavaScript would change keep their text', () => {
  for (const literal of ['1e3', '0.5', '9007199254740993', '-0', '1.0', '1E400']) {
    expect(read(literal)).toEqual(new JsonNumber(literal))
    expect(goJson(read(literal))).toBe(literal)
  }
})

test('JSON is written with the escapes of Go', () => {
  expect(goJson({ a: '<a href="x">&\u2028\u2029\\\u0000\u001f\b\f\n\r\t\u007fé😀' })).toBe(
    '{"a":"\\u003ca href=\\"x\\"\\u003e\\u0026\\u2028\\u2029\\\\\\u0000\\u001f\\b\\f\\n\\r\\t\u007fé😀"}',
  )
  expect(goJson(['\ud800', '\\ud800', '\\\udfff'])).toBe('["\\ufffd","\\\\ud800","\\\\\\ufffd"]')
})

test('indented JSON has two spaces a level, and nothing inside empty brackets', () => {
  expect(goJson({ a: [], b: {}, c: [1, { d: 'x' }], e: undefined }, { indent: true })).toBe(
    '{\n  "a": [],\n  "b": {},\n  "c": [\n    1,\n    {\n      "d": "x"\n    }\n  ]\n}',
  )
})
