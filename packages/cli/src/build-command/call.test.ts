import { expect, test } from 'vitest'
import { parseLine } from '../flags/parse.js'
import { SHARED_FLAGS } from '../flags/shared-flags.js'
import { COMMANDS } from '../flags/table.js'
import { callOf } from './call.js'

const BUILD = COMMANDS.find(({ name }) => name === 'build')!

function call(...args: string[]) {
  return callOf(parseLine(BUILD, SHARED_FLAGS, args).values)
}

test.each([
  [[], undefined],
  [['--call', 'build'], undefined],
  [['--check=false'], undefined],
  [['--check'], { method: 'check', format: 'text' }],
  [['--check', '--call=check,format=json'], { method: 'check', format: 'json' }],
  [['--call=outline,format=text'], { method: 'outline', format: 'text' }],
  [['--call', 'targets'], { method: 'targets', format: 'text' }],
])('%j asks for %j', (args, expected) => {
  expect(call(...args)).toEqual(expected)
})

test.each([
  [['--call', 'lint']],
  [['--call=check,format=xml']],
  [['--call=check,json']],
  [['--check', '--call=outline']],
])('%j is refused', (args) => {
  expect(() => call(...args)).toThrow(expect.objectContaining({ code: 'E_CLI' }))
})
