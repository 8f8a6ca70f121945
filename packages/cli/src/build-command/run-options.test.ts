import { describe, expect, test } from 'vitest'
import { parseLine } from '../flags/parse.js'
import { SHARED_FLAGS } from '../flags/shared-flags.js'
import { COMMANDS } from '../flags/table.js'
import { runOptions } from './run-options.js'
import { parseSize } from './size.js'

const BUILD = COMMANDS.find(({ name }) => name === 'build')!

function options(...args: string[]) {
  return runOptions(parseLine(BUILD, SHARED_FLAGS, args).values, {})
}

const wrong = expect.objectContaining({ code: 'E_CLI' })

describe('a size', () => {
  test.each([
    ['1', 1],
    ['100b', 100],
    ['64k', 65_536],
    ['64m', 67_108_864],
    ['64MB', 67_108_864],
    ['1.5 GiB', 1_610_612_736],
    ['2T', 2_199_023_255_552],
  ])('%s', (text, size) => expect(parseSize('shm-size', text)).toBe(size))
  test.each(['', '0', '0.1', '-1', 'm', '1x', '1e3', '1mm', '9999999p'])('%j is refused', (text) => {
    expect(() => parseSize('shm-size', text)).toThrow(wrong)
  })
})

test('nothing is asked for without a flag', () => expect(options()).toEqual({}))

describe('--shm-size', () => {
  test.each(['0', '0b', '0m', '0.1'])('%s is the default', (text) => {
    expect(options('--shm-size', text)).toEqual({})
  })
  test.each(['', '-1', 'm'])('%j is refused', (text) => {
    expect(() => options('--shm-size', text)).toThrow(wrong)
  })
})

describe('--add-host', () => {
  test.each([
    ['a:192.0.2.1', { host: 'a', address: '192.0.2.1' }],
    ['a.b-c=192.0.2.1', { host: 'a.b-c', address: '192.0.2.1' }],
    ['a:2001:db8::1', { host: 'a', address: '2001:db8::1' }],
    ['a=[::1]', { host: 'a', address: '::1' }],
  ])('%s', (text, host) => expect(options('--add-host', text)).toEqual({ extraHosts: [host] }))
  test.each([
    'a',
    'a:',
    ':192.0.2.1',
    'a:b',
    'a:192.0.2.256',
    'a b:192.0.2.1',
    'a:host-gateway',
    'a:192.0.2.1\nb',
  ])('%j is refused', (text) => expect(() => options('--add-host', text)).toThrow(wrong))
})

describe('--ulimit', () => {
  test('has a soft and a hard limit, and the last one of a name counts', () => {
    expect(
      options('--ulimit', 'nofile=1', '--ulimit', 'core=-1', '--ulimit', 'nofile=10:20').ulimits,
    ).toEqual([
      { name: 'nofile', soft: 10, hard: 20 },
      { name: 'core', soft: -1, hard: -1 },
    ])
  })
  test.each(['nofile', 'nofile=', 'nofile=20:10', 'nofile=-1:10', 'nofile=-2', 'files=1', 'nofile=1:2:3'])(
    '%s is refused',
    (text) => expect(() => options('--ulimit', text)).toThrow(wrong),
  )
})

describe('--resource', () => {
  test('is the same under the names of the classic builder', () => {
    const expected = { memory: 1 << 30, cpuQuota: 50_000, cpuPeriod: 100_000, cpuShares: 512 }
    expect(
      options('--resource', 'memory=1g,cpu-quota=50000', '--resource', 'cpu-period=100000,cpu-shares=512'),
    ).toEqual({ resources: expected })
    expect(
      options('-m', '1g', '--cpu-quota', '50000', '--cpu-period', '100000', '--cpu-shares', '512'),
    ).toEqual({ resources: expected })
  })
  test.each(['memory', 'memory=', 'pids=1', 'cpu-quota=0', 'cpu-quota=1.5', ''])('%j is refused', (text) => {
    expect(() => options('--resource', text)).toThrow(wrong)
  })
  test.each([
    [['-m', 'much'], '--memory is a size'],
    [['--cpu-quota', '0'], '--cpu-quota'],
    [['--resource', 'memory=much'], '--resource memory is a size'],
    [['--resource', 'cpu-quota=0'], '--resource cpu-quota'],
  ])('%j is told by the flag that was written', (args, words) => {
    expect(() => options(...args)).toThrow(
      expect.objectContaining({ message: expect.stringContaining(words) }),
    )
  })
})

describe('rights', () => {
  test('are granted one by one', () => {
    expect(options('--allow', 'network.host', '--allow', 'security.insecure')).toEqual({
      allow: ['network.host', 'security.insecure'],
    })
    expect(() => options('--allow', 'all')).toThrow(wrong)
  })
  test('of the network and the sandbox', () => {
    expect(options('--network', 'none', '--shm-size', '64m', '--isolation', 'default')).toEqual({
      network: 'none',
      shmSize: 64 << 20,
    })
  })
})
