import { expect, test } from 'vitest'
import { closest } from './closest.js'

test.each([
  ['biuld', 'build'],
  ['bild', 'build'],
  ['imagse', 'images'],
  ['xyz', undefined],
  ['', undefined],
])('%j leads to %j', (word, found) => {
  expect(closest(word, ['build', 'images', 'inspect'])).toBe(found)
})

test('among equally near words the first one is chosen', () => {
  expect(closest('RNU', ['ENV', 'RUN'])).toBe('RUN')
  expect(closest('ab', ['ac', 'ad'])).toBe('ac')
})
