import { expect, test } from 'vitest'
import { parseUrl } from './parse-url.js'

test('a text is a URL or none, however often it is asked', () => {
  expect(parseUrl('no url')).toBeUndefined()
  expect(parseUrl('https://host:99999/')).toBeUndefined()
  expect(parseUrl('../b?c#d', 'https://host/a/x')?.href).toBe('https://host/b?c#d')
  let refused = 0
  for (let turn = 0; turn < 50_000; turn++) if (parseUrl('https://hóst/é.git') === undefined) refused++
  expect(refused).toBe(0)
})
