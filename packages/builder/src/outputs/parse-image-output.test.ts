import { describe, expect, it } from 'vitest'
import { parseOutput } from './parse-output.js'
import { type OutputNeeds, refuseOutputs } from './refuse-outputs.js'

const image = {
  kind: 'image',
  destination: '',
  push: true,
  pushByDigest: false,
  nameCanonical: false,
  insecure: false,
  forceCompression: false,
  ociMediaTypes: true,
  rewriteTimestamp: false,
  annotations: [],
}

describe('an image among outputs', () => {
  it.each([
    ['type=registry', image],
    ['type=image,push=true', image],
    ['type=image', { ...image, push: false }],
    ['type=image,push=true,store=true', { ...image, store: true }],
    [
      'type=image,"name=r.io/a,r.io/b",push-by-digest=true,name-canonical=true,push=true,registry.insecure=1,unpack=false',
      {
        ...image,
        destination: 'r.io/a,r.io/b',
        names: ['r.io/a', 'r.io/b'],
        pushByDigest: true,
        nameCanonical: true,
        insecure: true,
      },
    ],
    [
      'type=registry,name=a:1,compression=gzip,compression-level=1,force-compression=true,oci-mediatypes=false',
      {
        ...image,
        destination: 'a:1',
        names: ['a:1'],
        compression: 'gzip',
        compressionLevel: 1,
        forceCompression: true,
        ociMediaTypes: false,
      },
    ],
  ])('%s is read as docker buildx reads it', (text, spec) => {
    expect(parseOutput(text)).toEqual(spec)
  })

  it.each([
    ['type=registry,dest=x', /no option "dest"/],
    ['type=registry,push=false', /no option "push"/],
    ['type=image,unpack=true', /not unpacked/],
    ['type=image,dangling-name-prefix=x', /no option "dangling-name-prefix"/],
    ['type=oci,dest=a,push=true', /no option "push"/],
  ])('%s is refused with the reason', (text, message) => {
    expect(() => parseOutput(text)).toThrowError(
      expect.objectContaining({ code: 'E_OUTPUT', message: expect.stringMatching(message) }),
    )
  })
})

describe('before a build begins', () => {
  const needs: OutputNeeds = {
    list: [undefined],
    isMulti: false,
    annotations: {},
    tags: ['r.io/a:1'],
    hasRegistry: true,
  }
  const refusal = (output: string, other: Partial<OutputNeeds> = {}) => {
    try {
      refuseOutputs([parseOutput(output)], { ...needs, ...other })
      return undefined
    } catch (error) {
      return (error as { code?: string }).code
    }
  }

  it.each<[string, Partial<OutputNeeds>, string | undefined]>([
    ['type=registry', {}, undefined],
    ['type=registry', { tags: [] }, 'E_OUTPUT'],
    ['type=image', { tags: [] }, 'E_OUTPUT'],
    ['type=registry', { hasRegistry: false }, 'E_NO_REGISTRY'],
    ['type=image', { hasRegistry: false }, undefined],
    ['type=registry,push-by-digest=true', {}, 'E_OUTPUT'],
    ['type=registry,push-by-digest=true,name=r.io/a', {}, undefined],
    [`type=registry,name=r.io/a@sha256:${'0'.repeat(64)}`, {}, 'E_OUTPUT'],
    ['type=registry,name=R', {}, 'E_REF'],
    ['type=registry', { isMulti: true }, undefined],
  ])('%s with %j is judged', (output, other, code) => {
    expect(refusal(output, other)).toBe(code)
  })
})
