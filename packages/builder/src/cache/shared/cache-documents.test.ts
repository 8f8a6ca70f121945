import type { Digest } from '@cooperage/store'
import { describe, expect, test } from 'vitest'
import {
  encodeCacheConfig,
  encodeRecords,
  parseCacheConfig,
  parseRecords,
  prefixLengthFor,
  shardOf,
} from './cache-documents.js'

const digest = (digit: string): Digest => `sha256:${digit.repeat(64)}`
const record = { diffId: digest('a'), size: 5, created: '2026-01-02T03:04:05Z', layer: 1 }

test('records come back as they were, in any order the same bytes', () => {
  const records = new Map([
    [digest('2'), record],
    [digest('1'), { ...record, layer: 0 }],
  ])
  expect(parseRecords(encodeRecords(records), 2)).toEqual(records)
  expect(encodeRecords(new Map([...records].reverse()))).toEqual(encodeRecords(records))
})

describe('records that cannot be right are none', () => {
  test.each([
    ['no JSON', '{'],
    ['a list', '[]'],
    ['a key that is no digest', JSON.stringify({ x: record })],
    ['a layer that is not there', JSON.stringify({ [digest('1')]: { ...record, layer: 2 } })],
    ['a negative size', JSON.stringify({ [digest('1')]: { ...record, size: -1 } })],
    ['a time that is none', JSON.stringify({ [digest('1')]: { ...record, created: 'today' } })],
    [
      'a diffID that leads elsewhere',
      JSON.stringify({ [digest('1')]: { ...record, diffId: 'sha256:../x' } }),
    ],
  ])('%s', (_, text) => expect(parseRecords(Buffer.from(text), 2)).toBeUndefined())
})

test('many records are split by the first digits of their keys', () => {
  expect([0, 256, 257, 4096, 4097, 1e9].map(prefixLengthFor)).toEqual([0, 0, 1, 1, 2, 4])
  expect(shardOf(digest('c'), 2)).toBe('cc')
  const config = { prefixLength: 1, shards: new Map([['c', 3]]) }
  expect(parseCacheConfig(encodeCacheConfig(config), 4)).toEqual(config)
  expect(parseCacheConfig(encodeCacheConfig(config), 3)).toBeUndefined()
})
