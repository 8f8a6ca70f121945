import { expect, it } from 'vitest'
import { urlFileName } from './url-file-name.js'

it.each([
  ['https://h/a.txt', 'a.txt'],
  ['https://h/d/a%20b', 'a b'],
  ['https://h/d/a?x=/y#/z', 'a'],
  ['https://h/d/', 'd'],
  ['https://h', '__unnamed__'],
  ['https://h/..', '__unnamed__'],
  ['https://h/a%2fb', 'b'],
  ['https://h/\u00e9', '\u00c3\u00a9'],
  ['https://h/%ff', '\u00ff'],
])('ADD of %s makes %s', (url, name) => {
  expect(urlFileName(url)).toBe(name)
})

it.each(['https://h/a%2f..', 'https://h/a%00b'])('ADD of %s is refused', (url) => {
  expect(() => urlFileName(url)).toThrow(expect.objectContaining({ code: 'E_ADD_NAME' }))
})
