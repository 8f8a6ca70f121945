import type { Digest } from '@cooperage/store'
import { describe, expect, test } from 'vitest'
import { encodeCacheConfig, parseCacheConfig } from './cache-documents.js'
import { encodeMounts, parseMounts } from './mount-documents.js'

const digest = (digit: string): Digest => `sha256:${digit.repeat(64)}`
const record = { diffId: digest('a'), size: 5, layer: 1 }

test('records of mounts come back as they were, in any order the same bytes', () => {
  const records = new Map([
    [digest('2'), record],
    [digest('1'), { ...record, layer: 0 }],
  ])
  expect(parseMounts(encodeMounts(records), 2)).toEqual(records)
  expect(encodeMounts(new Map([...records].reverse()))).toEqual(encodeMounts(records))
})

test('the config says where they are, and nothing when there are none', () => {
  const config = { prefixLength: 0, shards: new Map([['', 1]]), mounts: 2 }
  expect(parseCacheConfig(encodeCacheConfig(config), 3)).toEqual(config)
  expect(parseCacheConfig(encodeCacheConfig(config), 2)).toBeUndefined()
  const { mounts: _, ...without } = config
  expect(Buffer.from(encodeCacheConfig(without)).toString()).toBe('{"prefixLength":0,"shards":{"":1}}')
})

describe('records that cannot be right are none', () => {
  test.each([
    ['no JSON', '{'],
    ['a list', '[]'],
    ['a key that is no digest', JSON.stringify({ x: record })],
    ['a layer that is not there', JSON.stringify({ [digest('1')]: { ...record, layer: 2 } })],
    ['a negative size', JSON.stringify({ [digest('1')]: { ...record, size: -1 } })],
    [
      'a diffID that leads elsewhere',
      JSON.stringify({ [digest('1')]: { ...record, diffId: 'sha256:../x' } }),
    ],
  ])('%s', (_, text) => expect(parseMounts(Buffer.from(text), 2)).toBeUndefined())
})
