import { expect, it } from 'vitest'
import { compareText, isSpace, lowerCase, trimLeftSpace, trimSpace, upperCase } from './go-text.js'

it('blanks are those of Go: U+0085 is one, U+FEFF is none', () => {
  expect(['\u0085', '\u00a0', '\u2028', '\v'].every(isSpace)).toBe(true)
  expect(['\ufeff', '\u200b', 'a', '\0'].some(isSpace)).toBe(false)
  expect(trimSpace(' \u0085a \ufeff\t')).toBe('a \ufeff')
  expect(trimLeftSpace('\n a ')).toBe('a ')
})

it('case changes one character at a time', () => {
  expect(lowerCase('FR\u0130\u03a3')).toBe('fri\u03c3')
  expect(upperCase('stra\u00dfe')).toBe('STRA\u00dfE')
})

it('order is that of the bytes', () => {
  expect(['\u{10000}', '\uffff', 'b', 'a'].sort(compareText)).toEqual(['a', 'b', '\uffff', '\u{10000}'])
})
