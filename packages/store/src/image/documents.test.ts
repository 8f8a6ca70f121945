import { expect, test } from 'vitest'
import { digestOf } from '../digest.js'
import { EMPTY_LAYER_DIFF_ID, EMPTY_LAYER_GZIP, emptyLayer, emptyLayerGzip } from './empty-layer.js'
import { encodeConfig } from './encode-config.js'
import { encodeManifest } from './encode-manifest.js'
import { parseConfig } from './parse-config.js'
import { parseIndex } from './parse-index.js'
import { parseManifest } from './parse-manifest.js'
import { type ImageConfig, type Manifest, MediaType } from './types.js'
import { validateImage } from './validate.js'

const A = digestOf('a')
const config: ImageConfig = {
  architecture: 'amd64',
  os: 'linux',
  created: '2020-01-01T00:00:00Z',
  config: { Env: ['PATH=/bin'] },
  rootfs: { type: 'layers', diff_ids: [EMPTY_LAYER_DIFF_ID] },
  history: [{ created: '2020-01-01T00:00:00Z', created_by: 'x' }],
}
const configBytes = encodeConfig(config)
const manifest: Manifest = {
  schemaVersion: 2,
  mediaType: MediaType.ociManifest,
  config: { mediaType: MediaType.ociConfig, digest: digestOf(configBytes), size: configBytes.length },
  layers: [EMPTY_LAYER_GZIP],
}
const text = (value: unknown) => Buffer.from(JSON.stringify(value))

test('what is written is read back', () => {
  expect(parseManifest(encodeManifest(manifest))).toEqual(manifest)
  expect(parseConfig(configBytes)).toEqual(config)
})

test('a broken manifest is told with the JSON path', () => {
  const layer = EMPTY_LAYER_GZIP
  const rows: [change: object, path: string][] = [
    [{ config: undefined }, 'manifest.config'],
    [{ layers: 'none' }, 'manifest.layers'],
    [{ layers: [{ ...layer, size: '32' }] }, 'manifest.layers[0].size'],
    [{ layers: [layer, { ...layer, size: -1 }] }, 'manifest.layers[1].size'],
    [{ layers: [{ ...layer, size: 1.5 }] }, 'manifest.layers[0].size'],
    [{ layers: [{ ...layer, digest: 'sha256:abc' }] }, 'manifest.layers[0].digest'],
    [{ layers: [{ ...layer, digest: layer.digest.toUpperCase() }] }, 'manifest.layers[0].digest'],
    [{ layers: [{ ...layer, digest: `SHA256:${layer.digest.slice(7)}` }] }, 'manifest.layers[0].digest'],
    [{ layers: [{ ...layer, digest: '../../etc/passwd' }] }, 'manifest.layers[0].digest'],
    [{ layers: [{ ...layer, mediaType: 'tar' }] }, 'manifest.layers[0].mediaType'],
    [{ layers: [{ ...layer, data: 'e30' }] }, 'manifest.layers[0].data'],
    [{ layers: [{ ...layer, data: 'e30=' }] }, 'manifest.layers[0].data'],
    [{ mediaType: 'application/json' }, 'manifest.mediaType'],
    [{ mediaType: MediaType.ociIndex }, 'manifest.mediaType'],
    [{ schemaVersion: 3 }, 'manifest.schemaVersion'],
    [{ schemaVersion: '2' }, 'manifest.schemaVersion'],
    [{ annotations: { a: 1 } }, 'manifest.annotations["a"]'],
    [{ config: { ...manifest.config, mediaType: MediaType.ociEmpty } }, 'manifest.artifactType'],
  ]
  for (const [change, path] of rows) {
    expect(() => parseManifest(text({ ...manifest, ...change })), path).toThrow(
      expect.objectContaining({ code: 'E_MANIFEST', data: { path } }),
    )
  }
})

test('numbers of a size that other readers take differently are refused', () => {
  for (const literal of ['1e3', '32.0', '9007199254740993', '-0']) {
    const raw = JSON.stringify(manifest).replace('"size":32', `"size":${literal}`)
    expect(() => parseManifest(Buffer.from(raw)), literal).toThrow(
      expect.objectContaining({ code: 'E_MANIFEST' }),
    )
  }
})

test('documents that can be read in two ways are refused', () => {
  const rows = [
    { ...manifest, manifests: [] },
    { ...manifest, Layers: [] },
    { ...manifest, layerſ: [] },
  ]
  for (const row of rows) {
    expect(() => parseManifest(text(row))).toThrow(expect.objectContaining({ code: 'E_MANIFEST_AMBIGUOUS' }))
  }
  expect(() => parseIndex(text({ schemaVersion: 2, manifests: [], layers: [] }))).toThrow(
    expect.objectContaining({ code: 'E_MANIFEST_AMBIGUOUS' }),
  )
})

test('schema version 1 is told by name', () => {
  expect(() => parseManifest(text({ schemaVersion: 1, fsLayers: [], signatures: [] }))).toThrow(
    expect.objectContaining({ code: 'E_SCHEMA1' }),
  )
})

test('an index keeps entries of kinds it does not know, and digests of other algorithms', () => {
  const entry = { mediaType: 'application/vnd.example+json', digest: 'blake3:0a1b', size: 3, extra: 1 }
  expect(parseIndex(text({ schemaVersion: 2, manifests: [entry] })).manifests).toEqual([
    { mediaType: entry.mediaType, digest: 'blake3:0a1b', size: 3 },
  ])
})

test('a broken config is told with the JSON path', () => {
  const rows: [change: object, path: string][] = [
    [{ rootfs: { type: 'tar', diff_ids: [] } }, 'config.rootfs.type'],
    [{ rootfs: { type: 'layers', diff_ids: 'none' } }, 'config.rootfs.diff_ids'],
    [{ rootfs: { type: 'layers', diff_ids: ['x'] } }, 'config.rootfs.diff_ids[0]'],
    [{ rootfs: undefined }, 'config.rootfs'],
    [{ config: { ExposedPorts: ['80/tcp'] } }, 'config.config.ExposedPorts'],
    [{ config: { Env: [1] } }, 'config.config.Env[0]'],
    [{ config: { Healthcheck: { Interval: '5s' } } }, 'config.config.Healthcheck.Interval'],
    [{ config: { OnBuild: 'RUN x' } }, 'config.config.OnBuild'],
    [{ os: undefined }, 'config.os'],
    [{ created: 'yesterday' }, 'config.created'],
    [{ history: {} }, 'config.history'],
  ]
  for (const [change, path] of rows) {
    expect(() => parseConfig(text({ ...config, ...change })), path).toThrow(
      expect.objectContaining({ code: 'E_CONFIG', data: { path } }),
    )
  }
})

test('null fields of a config count as absent, unknown ones are kept through a rewrite', () => {
  const read = parseConfig(
    text({
      ...config,
      author: null,
      container: 'c0',
      config: { Volumes: null, Cmd: ['sh'], Future: { b: 1, a: 2 } },
    }),
  )
  expect(read.config).toEqual({ Cmd: ['sh'], Future: { b: 1, a: 2 } })
  expect('author' in read).toBe(false)
  const written = Buffer.from(encodeConfig(read)).toString()
  expect(written).toContain('"config":{"Cmd":["sh"],"Future":{"b":1,"a":2}},"container":"c0","created":')
})

test('a config is written in the order of BuildKit, maps sorted, empty fields left out', () => {
  const bytes = encodeConfig({
    os: 'linux',
    variant: '',
    config: {
      Shell: ['/bin/sh'],
      Labels: { '10': 'z', b: '<1>', a: '', '9': 'y', __proto__x: '' },
      Cmd: [],
      User: '',
      Env: ['B=1', 'A=2'],
      Healthcheck: { Retries: 3, Timeout: 0, Test: ['NONE'] },
    },
    architecture: 'arm64',
    rootfs: { diff_ids: [A], type: 'layers' },
    history: [{ empty_layer: true, comment: 'c', created_by: 'x', created: 't' }, { empty_layer: false }],
  })
  expect(Buffer.from(bytes).toString()).toBe(
    '{"architecture":"arm64","config":{"Env":["B=1","A=2"],"Labels":{"10":"z","9":"y","__proto__x":"","a":"","b":"\\u003c1\\u003e"},' +
      '"Healthcheck":{"Test":["NONE"],"Retries":3},"Shell":["/bin/sh"]},"created":null,' +
      '"history":[{"created":"t","created_by":"x","comment":"c","empty_layer":true},{}],' +
      `"os":"linux","rootfs":{"type":"layers","diff_ids":["${A}"]}}`,
  )
})

test('a sound image has no problems', () => {
  const manifestBytes = encodeManifest(manifest)
  const descriptor = {
    mediaType: MediaType.ociManifest,
    digest: digestOf(manifestBytes),
    size: manifestBytes.length,
  }
  expect(validateImage({ manifestBytes, configBytes, descriptor })).toEqual([])
})

test('every broken rule of an image is reported', () => {
  const odd = encodeConfig({
    ...config,
    config: { Env: ['NOTHING'] },
    rootfs: { type: 'layers', diff_ids: [A, A] },
    history: [{ created_by: 'x' }],
  })
  const manifestBytes = encodeManifest({
    ...manifest,
    layers: [{ mediaType: MediaType.dockerLayerGzip, digest: A, size: 1 }],
  })
  const descriptor = {
    mediaType: MediaType.dockerManifest,
    digest: A,
    size: 1,
    platform: { os: 'linux', architecture: 'arm64' },
  }
  expect(
    validateImage({ manifestBytes, configBytes: odd, descriptor }).map((problem) => problem.path),
  ).toEqual([
    'descriptor.size',
    'descriptor.digest',
    'manifest.config.size',
    'manifest.config.digest',
    'manifest.mediaType',
    'manifest.layers[0].mediaType',
    'config.history',
    'config.history[0].created',
    'config.config.Env[0]',
    'config.architecture',
    'config.rootfs.diff_ids',
  ])
})

test('the constants of the empty layer are what they say', () => {
  expect(digestOf(emptyLayer())).toBe(EMPTY_LAYER_DIFF_ID)
  expect(digestOf(emptyLayerGzip())).toBe(EMPTY_LAYER_GZIP.digest)
  expect(emptyLayerGzip().length).toBe(EMPTY_LAYER_GZIP.size)
})
