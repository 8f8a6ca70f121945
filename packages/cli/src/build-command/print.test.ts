import { expect, test } from 'vitest'
import { parseLine } from '../flags/parse.js'
import { SHARED_FLAGS } from '../flags/shared-flags.js'
import { COMMANDS } from '../flags/table.js'
import { printOf } from './print.js'

const BUILD = COMMANDS.find(({ name }) => name === 'build')!

function print(...args: string[]) {
  return printOf(parseLine(BUILD, SHARED_FLAGS, args).values)
}

test.each([
  [[], undefined],
  [['--print', 'context'], { format: 'text', whole: false }],
  [['--print=context,format=text'], { format: 'text', whole: false }],
  [['--print=context,ignored=all,format=json'], { format: 'json', whole: true }],
])('%j asks for %j', (args, expected) => {
  expect(print(...args)).toEqual(expected)
})

test.each([
  [['--print=outline']],
  [['--print=contexts']],
  [['--print=context,format=xml']],
  [['--print=context,']],
  [['--print=context', '--check']],
  [['--print=context', '--call=build']],
])('%j is refused', (args) => {
  expect(() => print(...args)).toThrow(expect.objectContaining({ code: 'E_CLI' }))
})
