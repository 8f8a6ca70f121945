import { expect, test } from 'vitest'
import { freeIds } from './free-ids.js'

test.each([
  ['nobody has any', '', '', '100000-165535'],
  ['one user has the first block', 'one:100000:65536\n', 'one:100000:65536\n', '165536-231071'],
  ['a gap is too small', 'one:100000:65536\ntwo:200000:65536\n', '', '265536-331071'],
  ['a gap is large enough', 'one:100000:65536\ntwo:300000:65536\n', '', '165536-231071'],
  ['only groups are taken', '', 'one:120000:10\n', '120010-185545'],
  [
    'lines are out of order, overlap, or are none',
    '# x\nb:165536:65536\na:100000:100000\n:::\nc:1:10',
    '',
    '231072-296607',
  ],
])('%s', (...row) => {
  const [, subuid, subgid, free] = row
  expect(freeIds({ subuid, subgid })).toBe(free)
})
