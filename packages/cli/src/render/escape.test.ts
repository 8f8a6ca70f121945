import { expect, test } from 'vitest'
import { escapeJson, escapeLine, escapeLog, escapeText } from './escape.js'

test('control characters of a name are shown, not obeyed', () => {
  expect(escapeLine('a\x1b[2Jb\rc\nd\te\x07\x7f\x9b')).toBe('a\\x1b[2Jb\\rc\\nd\\te\\x07\\x7f\\x9b')
})

test('marks that reorder text are shown', () => {
  expect(escapeLine('abc\u202ecba\u2066')).toBe('abc\\u202ecba\\u2066')
})

test('JSON that is shown still says the same', () => {
  const json = JSON.stringify({ name: 'a\x1b\n\x7f\x9b\u202e"ß' }, undefined, 2)
  expect(escapeJson(json)).toBe('{\n  "name": "a\\u001b\\n\\u007f\\u009b\\u202e\\"ß"\n}')
  expect(JSON.parse(escapeJson(json))).toEqual(JSON.parse(json))
})

test('text keeps its lines', () => {
  expect(escapeText('a\n\tb\x1b')).toBe('a\n\tb\\x1b')
})

test('letters of any script stay', () => {
  expect(escapeLine('größe 寸法 🛢')).toBe('größe 寸法 🛢')
})

test('a log line loses its colours and shows its last state', () => {
  expect(escapeLog('\x1b[32mok\x1b[0m')).toBe('ok')
  expect(escapeLog('10%\r50%\r100%\r')).toBe('100%')
  expect(escapeLog('\x1b]0;title\x07')).toBe('\\x1b]0;title\\x07')
})
