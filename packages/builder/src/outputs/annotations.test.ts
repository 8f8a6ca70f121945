import { expect, it } from 'vitest'
import { type Annotation, needsOciTypes, sortAnnotations } from './annotations.js'

const amd64 = 'linux/amd64'
const arm64 = 'linux/arm64'
const index = { platforms: [amd64, arm64], isMulti: true }
const image = { platforms: [amd64], isMulti: false }

it('each goes to its place, and those for a platform win over those for all', () => {
  const sorted = sortAnnotations(
    [
      { a: 'all', b: 'all' },
      [
        { key: 'a', value: 'arm', platform: 'linux/arm64/v8' },
        { key: 'd', value: '1', type: 'manifest-descriptor' },
        { key: 'i', value: '2', type: 'index' },
        { key: 'id', value: '3', type: 'index-descriptor', platform: 'linux/s390x' },
      ],
      { b: 'later' },
    ],
    index,
  )
  expect(sorted.index).toEqual({ document: { i: '2' }, descriptor: { id: '3' } })
  expect(sorted.manifest(amd64)).toEqual({ document: { a: 'all', b: 'later' }, descriptor: { d: '1' } })
  expect(sorted.manifest(arm64)).toEqual({ document: { a: 'arm', b: 'later' }, descriptor: { d: '1' } })
})

it.each<[Annotation, typeof image, string]>([
  [
    { key: 'a', value: 'b', type: 'index' },
    image,
    'index annotations not supported for single platform export',
  ],
  [
    { key: 'a', value: 'b', type: 'index-descriptor' },
    image,
    'index annotations not supported for single platform export',
  ],
  [
    { key: 'a', value: 'b', platform: 'linux/s390x' },
    index,
    'invalid annotation: no platform linux/s390x found in source',
  ],
  [
    { key: 'a', value: 'b', platform: 'linux/arm64' },
    image,
    'invalid annotation: no platform linux/arm64 found in source',
  ],
])('%j is refused', (annotation, result, message) => {
  expect(() => sortAnnotations([[annotation]], result)).toThrow(
    expect.objectContaining({ code: 'E_ANNOTATION', message }),
  )
})

it('only those of manifests go with the media types of Docker', () => {
  expect(needsOciTypes([{ a: 'b' }, [{ key: 'a', value: 'b', type: 'manifest' }]])).toBe(false)
  expect(needsOciTypes([[{ key: 'a', value: 'b', type: 'index' }]])).toBe(true)
})
