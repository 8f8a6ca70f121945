import { expect, it } from 'vitest'
import { nearest, suggestion } from './suggest.js'

it('fewer than three changes make a suggestion', () => {
  expect(suggestion('chwon', ['chown', 'chmod'])).toBe(' (did you mean chown?)')
  expect(suggestion('xyz', ['chown', 'chmod'])).toBe('')
})

it('of equally near options the first is chosen', () => {
  expect(nearest('ab', ['ac', 'ad'], { caseSensitive: true })).toBe('ac')
  expect(nearest('ab', ['ad', 'ac'], { caseSensitive: true })).toBe('ad')
})

it('the suggestion takes the case of the word, lower case when it is mixed', () => {
  const options = ['RUN', 'COPY']
  expect(nearest('rnu', options, { caseSensitive: false })).toBe('run')
  expect(nearest('RNU', options, { caseSensitive: false })).toBe('RUN')
  expect(nearest('RuNn', options, { caseSensitive: false })).toBe('run')
})

it('a word that is an option has another fault, and gets no suggestion', () => {
  expect(nearest('a', ['b', 'a'], { caseSensitive: true })).toBeUndefined()
})

it('characters outside the basic plane count once', () => {
  expect(nearest('\u{1f600}\u{1f601}ab', ['ab'], { caseSensitive: true })).toBe('ab')
})
