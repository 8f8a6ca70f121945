import { describe, expect, test } from 'vitest'
import { COMMAND_MODULES } from '../load-command.js'
import { parseLine } from './parse.js'
import { SHARED_FLAGS } from './shared-flags.js'
import { COMMANDS } from './table.js'

const build = COMMANDS.find((command) => command.name === 'build')!
const parse = (...args: string[]) => parseLine(build, SHARED_FLAGS, args)

describe('flags are spelled as docker allows', () => {
  test.each([['--tag', 'a:1'], ['--tag=a:1'], ['-t', 'a:1'], ['-ta:1'], ['-t=a:1'], ['-qt', 'a:1']])(
    '%s %s',
    (...args) => {
      expect(parse(...args).values.list('tag')).toEqual(['a:1'])
    },
  )

  test('flags and operands may be mixed, and -- ends the flags', () => {
    const line = parse('one', '--no-cache', 'two', '--', '--three')
    expect(line.operands).toEqual(['one', 'two', '--three'])
    expect(line.values.on('no-cache')).toBe(true)
  })

  test('a single dash is an operand and also a value', () => {
    expect(parse('-').operands).toEqual(['-'])
    expect(parse('-f', '-', '.').values.text('file')).toBe('-')
  })

  test('repeated flags add up, of single ones the last counts', () => {
    const line = parse('-t', 'a', '-t', 'b', '--target', 'x', '--target', 'y')
    expect(line.values.list('tag')).toEqual(['a', 'b'])
    expect(line.values.text('target')).toBe('y')
  })

  test.each(['true', '1', 't', 'TRUE'])('--no-cache=%s switches on', (value) => {
    expect(parse(`--no-cache=${value}`).values.on('no-cache')).toBe(true)
  })

  test.each(['false', '0', 'F'])('--no-cache=%s switches off', (value) => {
    expect(parse('--no-cache', `--no-cache=${value}`).values.on('no-cache')).toBe(false)
  })

  test('a value may hold = and be empty', () => {
    expect(parse('--build-arg', 'A=b=c', '--build-arg=B=').values.list('build-arg')).toEqual(['A=b=c', 'B='])
  })
})

describe('what is wrong is refused with a way out', () => {
  test.each([
    [['--tagg', 'x'], 'did you mean --tag?'],
    [['--zzzzzz'], 'see cooper build --help'],
    [['--tag'], 'write --tag=NAME[:TAG]'],
    [['--progress', 'plian'], 'did you mean plain?'],
    [['--network=foo'], 'choose one of default, none, host'],
    [['--load'], 'write -o type=docker,dest=- and pipe it: cooper build … | docker load'],
  ])('%j', (args, hint) => {
    expect(() => parse(...args)).toThrow(expect.objectContaining({ code: 'E_CLI', hint }))
  })

  test.each([
    [['--no-cache=maybe']],
    [['--load']],
    [['--cgroup-parent', 'x']],
    [['--provenance', 'mode=max']],
    [['--sbom=true']],
    [['--call', 'subrequests.describe']],
    [['--squash']],
  ])('%j', (args) => {
    expect(() => parse(...args)).toThrow(expect.objectContaining({ code: 'E_CLI' }))
  })

  test('what is switched off is not refused, and needs no note', () => {
    const line = parse('--load=false', '--push=false', '--provenance=false', '--sbom=false', '--pull=false')
    expect(line.notes).toEqual([])
  })

  test('what has no effect here is told', () => {
    expect(parse('--pull', '--builder', 'x', '--cpuset-cpus=0').notes).toEqual([
      '--builder: no effect: cooper builds in its own process',
      '--cpuset-cpus: no effect: of processes only memory and CPU time are limited',
    ])
  })
})

test('the number of operands is checked', () => {
  const tag = COMMANDS.find((command) => command.name === 'tag')!
  expect(() => parseLine(tag, SHARED_FLAGS, ['one'])).toThrow(
    'cooper tag takes IMAGE NAME[:TAG]; 1 were given: one',
  )
})

test('every command has its code, and every code its command', () => {
  expect(Object.keys(COMMAND_MODULES)).toEqual(COMMANDS.map((command) => command.name))
})

test('no command has two flags of one name or letter', () => {
  for (const command of COMMANDS) {
    const flags = [...command.flags, ...SHARED_FLAGS]
    const names = flags.map((flag) => flag.name)
    const letters = flags.flatMap((flag) => flag.short ?? [])
    expect(new Set(names).size, command.name).toBe(names.length)
    expect(new Set(letters).size, command.name).toBe(letters.length)
  }
})
