import { expect, test } from 'vitest'
import { isCooperageError } from '../errors.js'
import { matchPlatform, rankByPlatform } from './match-platform.js'
import { parseIndex } from './parse-index.js'
import { defaultPlatform, formatPlatform, parsePlatform } from './platform.js'
import { type Descriptor, MediaType } from './types.js'

const entry = (text: string | undefined, more: Partial<Descriptor> = {}): Descriptor => {
  const [os = '', architecture = '', variant] = text?.split('/') ?? []
  return {
    mediaType: MediaType.ociManifest,
    digest: `sha256:${(text ?? 'none').padEnd(64, '0')}`,
    size: 1,
    ...(text !== undefined && { platform: { os, architecture, ...(variant && { variant }) } }),
    ...more,
  }
}
const name = (descriptor: Descriptor) => (descriptor.platform ? formatPlatform(descriptor.platform) : 'none')

test('names of platforms are normalised as containerd does', () => {
  const rows = {
    'linux/aarch64': 'linux/arm64',
    'linux/arm64/v8': 'linux/arm64',
    'linux/arm64/v9': 'linux/arm64/v9',
    'linux/x86_64': 'linux/amd64',
    'linux/amd64/v1': 'linux/amd64',
    'linux/amd64/v3': 'linux/amd64/v3',
    'linux/arm': 'linux/arm/v7',
    'linux/arm/6': 'linux/arm/v6',
    'linux/armhf': 'linux/arm/v7',
    'linux/armel': 'linux/arm/v6',
    'linux/i386': 'linux/386',
    'macOS/arm64': 'darwin/arm64',
    'Linux/AMD64': 'linux/amd64',
    arm64: 'linux/arm64',
    riscv64: 'linux/riscv64',
  }
  for (const [given, expected] of Object.entries(rows)) {
    expect(formatPlatform(parsePlatform(given)), given).toBe(expected)
  }
  expect(parsePlatform('linux')).toEqual(defaultPlatform())
  expect(parsePlatform('windows(10.0.17763.1)/x86_64')).toEqual({
    os: 'windows',
    architecture: 'amd64',
    'os.version': '10.0.17763.1',
  })
})

test('what is no platform is refused', () => {
  for (const given of [
    '',
    'linux/abc',
    'linux/',
    'a/b/c/d',
    'linux/amd64/../x',
    'beos',
    'linux amd64',
    'arm64(1)',
    'linux(a/b)',
  ]) {
    expect(() => parsePlatform(given), given).toThrow(expect.objectContaining({ code: 'E_PLATFORM' }))
  }
})

test('the best entry is chosen: same variant, then lower ones, then what the processor also runs', () => {
  const rows: [wanted: string, available: string[], chosen: string][] = [
    ['linux/amd64', ['linux/arm64', 'linux/amd64'], 'linux/amd64'],
    ['linux/arm/v7', ['linux/arm/v5', 'linux/arm/v6', 'linux/arm/v8'], 'linux/arm/v6'],
    ['linux/arm/v6', ['linux/arm/v7', 'linux/arm/v5'], 'linux/arm/v5'],
    ['linux/arm64', ['linux/arm/v7', 'linux/arm64/v8'], 'linux/arm64/v8'],
    ['linux/arm64', ['linux/arm/v6', 'linux/arm/v7'], 'linux/arm/v7'],
    ['linux/amd64/v3', ['linux/amd64', 'linux/amd64/v2', 'linux/amd64/v4'], 'linux/amd64/v2'],
    ['linux/amd64', ['linux/amd64/v2', 'linux/386'], 'linux/386'],
  ]
  for (const [wanted, available, chosen] of rows) {
    const entries = available.map((text) => entry(text))
    expect(name(matchPlatform(entries, parsePlatform(wanted))), wanted).toBe(chosen)
  }
})

test('Windows runs images of its own build, later ones also those of the stable build before; the latest is chosen', () => {
  const versions = ['10.0.17763.1', '10.0.17763.5', '10.0.20348.9', '10.0.25398.1', '10.1.20348.1']
  const index = versions.map((version) => ({
    ...entry('windows/amd64'),
    platform: { os: 'windows', architecture: 'amd64', 'os.version': version },
  }))
  const chosen = (text: string) =>
    rankByPlatform(index, parsePlatform(text)).map(({ platform }) => platform!['os.version'])
  expect(chosen('windows/amd64')[0]).toBe('10.1.20348.1')
  expect(chosen('windows(10.0.17763)/amd64')).toEqual(['10.0.17763.5', '10.0.17763.1'])
  expect(chosen('windows(10.0.20348.1)/amd64')).toEqual(['10.0.20348.9'])
  expect(chosen('windows(10.0.26100)/amd64')).toEqual(['10.0.25398.1', '10.0.20348.9'])
  expect(chosen('windows(10.0.14393)/amd64')).toEqual([])
})

test('among equals the first entry of the index is chosen', () => {
  const first = entry('linux/amd64')
  const second = { ...entry('linux/amd64'), size: 2 }
  expect(rankByPlatform([first, second], parsePlatform('linux/amd64'))).toEqual([first, second])
})

test('attestations and kinds that are no images are never chosen; a lone image without a platform is', () => {
  const attestation = entry('unknown/unknown')
  const marked = entry('linux/amd64', {
    annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
  })
  const other = entry('linux/amd64', { mediaType: 'application/vnd.example+json' })
  const bare = entry(undefined)
  expect(matchPlatform([attestation, marked, other, bare], parsePlatform('linux/amd64'))).toBe(bare)
})

test('when nothing fits, the error names what there is', () => {
  try {
    matchPlatform(
      [entry('linux/arm64'), entry('linux/arm/v7'), entry('unknown/unknown')],
      parsePlatform('linux/s390x'),
    )
    expect.unreachable()
  } catch (error) {
    if (!isCooperageError(error)) throw error
    expect(error.code).toBe('E_PLATFORM')
    expect(error.data).toEqual({ wanted: 'linux/s390x', available: ['linux/arm64', 'linux/arm/v7'] })
  }
  expect(() => matchPlatform([], parsePlatform('linux/amd64'))).toThrow(
    expect.objectContaining({ code: 'E_PLATFORM' }),
  )
})

test.each([{}, { os: '', architecture: '' }, { os: null }])(
  'the platform %j of an entry is none',
  (platform) => {
    const digest = `sha256:${'0'.repeat(64)}`
    const [bare, fitting] = [entry(undefined, { digest }), entry('linux/amd64', { digest })]
    const index = (...manifests: object[]) =>
      parseIndex(Buffer.from(JSON.stringify({ schemaVersion: 2, manifests })))
    const { manifests } = index({ ...bare, platform }, fitting)
    expect(matchPlatform(manifests, parsePlatform('linux/amd64'))).toEqual(fitting)
    expect(() => matchPlatform(manifests, parsePlatform('linux/s390x'))).toThrow(/there is linux\/amd64$/)
    const alone = index({ ...bare, platform }).manifests
    expect(matchPlatform(alone, parsePlatform('linux/s390x'))).toEqual(bare)
  },
)
