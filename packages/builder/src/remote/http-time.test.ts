import { expect, it } from 'vitest'
import { httpTime } from './http-time.js'

it.each([
  ['Wed, 21 Oct 2015 07:28:00 GMT', 1_445_412_480],
  ['Wednesday, 21-Oct-15 07:28:00 GMT', 1_445_412_480],
  ['Wed Oct 21 07:28:00 2015', 1_445_412_480],
  ['Thu Jan  1 00:00:01 1970', 1],
  ['Wed, 31 Dec 1969 23:59:59 GMT', -1],
  ['Wednesday, 31-Dec-69 23:59:59 GMT', -1],
  ['2015-10-21T07:28:00Z', undefined],
  ['Wed, 21 Oct 2015 07:28:00 +0200', undefined],
  ['Wed, 31 Feb 2015 07:28:00 GMT', undefined],
  ['Wed, 21 Okt 2015 07:28:00 GMT', undefined],
  ['Wed, 21 Oct 2015 24:28:00 GMT', undefined],
  ['', undefined],
])('%s', (text, time) => {
  expect(httpTime(text)).toBe(time)
})
