import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ajvDraft04 from 'ajv-draft-04'
import ajvFormats from 'ajv-formats'
import { expect, test } from 'vitest'
import { digestOf } from '../packages/store/src/digest.js'
import { EMPTY_LAYER_DIFF_ID, EMPTY_LAYER_GZIP } from '../packages/store/src/image/empty-layer.js'
import { encodeConfig } from '../packages/store/src/image/encode-config.js'
import { encodeIndex, encodeManifest } from '../packages/store/src/image/encode-manifest.js'
import { JsonCursor } from '../packages/store/src/image/json-cursor.js'
import { parseConfig } from '../packages/store/src/image/parse-config.js'
import { parseDescriptor } from '../packages/store/src/image/parse-descriptor.js'
import { parseIndex } from '../packages/store/src/image/parse-index.js'
import { parseJson } from '../packages/store/src/image/parse-json.js'
import { parseManifest } from '../packages/store/src/image/parse-manifest.js'
import { type Descriptor, MediaType } from '../packages/store/src/image/types.js'
import { sharedPath } from './shared.js'

const root = sharedPath('corpora/oci')

type Validate = ((value: unknown) => boolean) & { errors?: unknown }

function loadSchemas(folder: string): (file: string) => Validate {
  const ajv = new ajvDraft04.default({ strict: false, allErrors: true })
  ajvFormats.default(ajv)
  for (const file of readdirSync(folder)) {
    const schema = withoutIds(JSON.parse(readFileSync(join(folder, file), 'utf8'))) as Record<string, unknown>
    const { $schema: _, ...rest } = schema
    ajv.addSchema({ ...rest, id: `https://oci.invalid/schema/${file}` })
  }
  return (file) => {
    const validate = ajv.getSchema(`https://oci.invalid/schema/${file}`)
    if (!validate) throw new Error(`no schema ${file}`)
    return validate as Validate
  }
}

/** The ids in the specification's files do not resolve, so each file gets one of ours and nested ids go. */
function withoutIds(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutIds)
  if (typeof value !== 'object' || value === null) return value
  const stock = (name: string, item: unknown) =>
    name === 'id' && typeof item === 'string' && item.startsWith('https://opencontainers.org/')
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, item]) => !stock(name, item))
      .map(([name, item]) => [name, withoutIds(item)]),
  )
}

const config = encodeConfig({
  architecture: 'arm64',
  variant: 'v8',
  os: 'linux',
  created: '2024-02-29T23:59:59Z',
  author: 'a <b@example.com>',
  config: {
    User: '1:1',
    ExposedPorts: { '80/tcp': {}, '53/udp': {} },
    Env: ['PATH=/bin', 'EMPTY='],
    Entrypoint: ['/x'],
    Cmd: ['a', '<b>'],
    Volumes: { '/data': {} },
    WorkingDir: '/w',
    Labels: { b: '', a: '\u2028' },
    StopSignal: 'SIGINT',
    Healthcheck: { Test: ['CMD', 'true'], Interval: 1_000_000_000 },
    OnBuild: ['RUN x'],
    Shell: ['/bin/sh', '-c'],
  },
  rootfs: { type: 'layers', diff_ids: [EMPTY_LAYER_DIFF_ID] },
  history: [
    { created: '2024-02-29T23:59:59Z', created_by: 'COPY . . # buildkit', comment: 'buildkit.dockerfile.v0' },
    { created: '2024-02-29T23:59:59Z', created_by: 'ENV A=1', empty_layer: true },
  ],
})
const annotations = { 'org.opencontainers.image.title': 't' }
const describe = (mediaType: string, bytes: Uint8Array): Descriptor => ({
  mediaType,
  digest: digestOf(bytes),
  size: bytes.length,
})
const manifest = encodeManifest({
  schemaVersion: 2,
  mediaType: MediaType.ociManifest,
  config: describe(MediaType.ociConfig, config),
  layers: [{ ...EMPTY_LAYER_GZIP, annotations }],
  annotations,
})
const index = encodeIndex({
  schemaVersion: 2,
  mediaType: MediaType.ociIndex,
  manifests: [
    {
      ...describe(MediaType.ociManifest, manifest),
      platform: { architecture: 'arm64', os: 'linux', variant: 'v8' },
    },
  ],
  annotations,
})

test.skipIf(root === undefined)('what we write passes the schemas of the specification', () => {
  const schema = loadSchemas(join(root ?? '', 'schema'))
  const rows: [file: string, bytes: Uint8Array][] = [
    ['config-schema.json', config],
    ['image-manifest-schema.json', manifest],
    ['image-index-schema.json', index],
    ['image-layout-schema.json', Buffer.from('{"imageLayoutVersion":"1.0.0"}')],
  ]
  for (const [file, bytes] of rows) {
    const validate = schema(file)
    expect(
      validate(JSON.parse(Buffer.from(bytes).toString())),
      `${file}: ${JSON.stringify(validate.errors)}`,
    ).toBe(true)
  }
})

test.skipIf(root === undefined)("we read every example of the specification's text", () => {
  const fixtures: { file: string; schema: string }[] = JSON.parse(
    readFileSync(join(root ?? '', 'fixtures/index.json'), 'utf8'),
  )
  expect(fixtures).toHaveLength(13)
  const schema = loadSchemas(join(root ?? '', 'schema'))
  for (const fixture of fixtures) {
    const bytes = readFileSync(join(root ?? '', 'fixtures', fixture.file))
    const raw = parseJson(bytes, { what: fixture.file, code: 'E_MANIFEST' })
    const read = {
      'config-schema.json': () => encodeConfig(parseConfig(bytes)),
      'content-descriptor.json': () => parseDescriptor(new JsonCursor(raw, 'descriptor', 'E_MANIFEST')),
      'image-index-schema.json': () => encodeIndex(parseIndex(bytes)),
      'image-manifest-schema.json': () => encodeManifest(parseManifest(bytes)),
      'image-layout-schema.json': () => raw,
    }[fixture.schema]
    const result = read?.()
    const again = result instanceof Uint8Array ? JSON.parse(Buffer.from(result).toString()) : result
    const validate = schema(fixture.schema)
    expect(validate(again), `${fixture.file}: ${JSON.stringify(validate.errors)}`).toBe(true)
  }
})
