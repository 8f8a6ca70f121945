import { expect, it } from 'vitest'
import { extractFlags } from './extract-flags.js'

it.each([
  ['--a=b --c d', ['--a=b', '--c'], 'd'],
  ['--a="b c"\'d\' e', ['--a=b cd'], 'e'],
  ['--a=b\\ c d', ['--a=b c'], 'd'],
  ['--a -- --b', ['--a'], ' --b'],
  ['-a --b', [], '-a --b'],
  ['--a=\u00e9 b', ['--a=\u00e9'], 'b'],
  ['--a=b\\', ['--a=b'], ''],
  ['--', [], ''],
  ['', [], ''],
])('%j gives %j', (text, flags, rest) => {
  expect(extractFlags(text, '\\')).toEqual({ flags, rest })
})

it('honours another escape character', () => {
  expect(extractFlags('--a=c:\\x` y z', '`')).toEqual({ flags: ['--a=c:\\x y'], rest: 'z' })
})
