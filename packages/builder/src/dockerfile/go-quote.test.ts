import { expect, it } from 'vitest'
import { goQuote } from './go-quote.js'

it.each([
  ['a "b" \\', '"a \\"b\\" \\\\"'],
  ['\t\n\u0007\u001b\u007f', '"\\t\\n\\a\\x1b\\x7f"'],
  ['\u00e9 \u{1f600}', '"\u00e9 \u{1f600}"'],
  ['\u00a0\u200b\ufeff\u{e0001}', '"\\u00a0\\u200b\\ufeff\\U000e0001"'],
  ['\ud800', '"\\ufffd"'],
])('%j is quoted as Go does it', (text, quoted) => {
  expect(goQuote(text)).toBe(quoted)
})
