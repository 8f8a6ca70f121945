import { expect, it } from 'vitest'
import { decodeLines, decodeText } from './decode-lines.js'

const bytes = (...values: number[]) => Uint8Array.from(values)

it('cuts at line feeds, keeps line ends and drops the byte order mark', () => {
  expect(decodeLines(new TextEncoder().encode('\ufeffa\r\n\nb')).lines).toEqual(['a\r\n', '\n', 'b'])
  expect(decodeLines(bytes(0xef, 0xbb, 0xbf)).lines).toEqual([''])
  expect(decodeLines(bytes()).lines).toEqual([])
})

it.each([
  ['a lone continuation byte', bytes(0x61, 0x80, 0x62), 'a\ufffdb'],
  ['a sequence cut short', bytes(0xe2, 0x82), '\ufffd\ufffd'],
  ['an overlong sequence', bytes(0xc0, 0xaf), '\ufffd\ufffd'],
  ['half a surrogate pair', bytes(0xed, 0xa0, 0x80), '\ufffd\ufffd\ufffd'],
  ['a code point beyond the last', bytes(0xf4, 0x90, 0x80, 0x80), '\ufffd\ufffd\ufffd\ufffd'],
  [
    'valid sequences among bad bytes',
    bytes(0xff, 0xc3, 0xa9, 0xf0, 0x9f, 0x98, 0x80),
    '\ufffd\u00e9\u{1f600}',
  ],
])('gives one replacement for each byte of %s', (_, input, text) => {
  expect(decodeText(input)).toBe(text)
})
