import { expect, test } from 'vitest'
import { isCooperageError } from '../errors.js'
import { EMPTY_LAYER_DIFF_ID, EMPTY_LAYER_GZIP } from './empty-layer.js'
import { encodeConfig } from './encode-config.js'
import { encodeIndex, encodeManifest } from './encode-manifest.js'
import { parseConfig } from './parse-config.js'
import { parseIndex } from './parse-index.js'
import { parseManifest } from './parse-manifest.js'
import { MediaType } from './types.js'
import { validateImage } from './validate.js'

const config = encodeConfig({
  architecture: 'amd64',
  os: 'linux',
  created: '2020-01-01T00:00:00Z',
  config: {
    Env: ['A=1'],
    ExposedPorts: { '80/tcp': {} },
    Labels: { a: 'b' },
    Healthcheck: { Test: ['NONE'] },
  },
  rootfs: { type: 'layers', diff_ids: [EMPTY_LAYER_DIFF_ID] },
  history: [{ created: '2020-01-01T00:00:00Z', created_by: 'x', empty_layer: true }],
})
const manifest = encodeManifest({
  schemaVersion: 2,
  mediaType: MediaType.ociManifest,
  config: { mediaType: MediaType.ociConfig, digest: EMPTY_LAYER_DIFF_ID, size: 1024 },
  layers: [{ ...EMPTY_LAYER_GZIP, annotations: { a: '1' }, urls: ['https://example.com/'] }],
})
const index = encodeIndex({
  schemaVersion: 2,
  manifests: [{ ...EMPTY_LAYER_GZIP, platform: { architecture: 'arm', os: 'linux', variant: 'v7' } }],
})
const PIECES = [
  'null',
  '{}',
  '[]',
  '"x"',
  '-1',
  '1e9',
  '"__proto__":1,',
  '\\u0000',
  '\ud800',
  '"',
  '}',
  ']',
  ',',
  ':',
  '0',
]

/** Numbers that are the same in every run. */
function generator(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

function mutate(bytes: Uint8Array, random: (below: number) => number): Uint8Array {
  let text = Buffer.from(bytes).toString('latin1')
  for (let n = random(3); n >= 0; n--) {
    const at = random(text.length)
    const end = at + random(12)
    const piece = [PIECES[random(PIECES.length)] ?? '', String.fromCharCode(random(256)), text.slice(at, end)]
    text = text.slice(0, at) + piece[random(3)] + text.slice(random(2) === 0 ? at : end)
  }
  return Buffer.from(text, 'latin1')
}

test('damaged documents are read or refused by code, never anything else', () => {
  const random = generator(42)
  let refused = 0
  for (let i = 0; i < 6000; i++) {
    const [bytes, parse] = (
      [
        [config, parseConfig],
        [manifest, parseManifest],
        [index, parseIndex],
      ] as const
    )[i % 3]!
    const damaged = mutate(bytes, random)
    try {
      parse(damaged)
    } catch (error) {
      if (!isCooperageError(error)) throw new Error(`on ${Buffer.from(damaged).toString()}`, { cause: error })
      refused++
    }
    if (i % 3 === 0) validateImage({ manifestBytes: mutate(manifest, random), configBytes: damaged })
  }
  expect(refused).toBeGreaterThan(1000)
})

test('what a parser lets through can be written again', () => {
  const random = generator(7)
  for (let i = 0; i < 3000; i++) {
    const damaged = mutate(config, random)
    let read: ReturnType<typeof parseConfig>
    try {
      read = parseConfig(damaged)
    } catch {
      continue
    }
    const once = encodeConfig(read)
    expect(Buffer.from(encodeConfig(parseConfig(once))).equals(Buffer.from(once))).toBe(true)
  }
})
