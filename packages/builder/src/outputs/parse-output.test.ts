import { describe, expect, it } from 'vitest'
import { parseOutput } from './parse-output.js'

const archive = {
  tar: true,
  forceCompression: false,
  ociMediaTypes: true,
  rewriteTimestamp: false,
  annotations: {},
}

describe('an output', () => {
  it.each([
    ['out', { kind: 'local', destination: 'out' }],
    ['-', { kind: 'tar', destination: '-' }],
    ['type=local,dest=out', { kind: 'local', destination: 'out' }],
    ['type=tar,dest=-', { kind: 'tar', destination: '-' }],
    ['type=docker,dest=a.tar', { kind: 'docker', destination: 'a.tar', ...archive }],
    ['type=oci,dest=d,tar=false', { kind: 'oci', destination: 'd', ...archive, tar: false }],
    [
      'type=oci,dest=a.tar,compression=gzip,compression-level=9,force-compression=true,rewrite-timestamp=1,oci-mediatypes=false',
      {
        kind: 'oci',
        destination: 'a.tar',
        ...archive,
        compression: 'gzip',
        compressionLevel: 9,
        forceCompression: true,
        rewriteTimestamp: true,
        ociMediaTypes: false,
      },
    ],
    [
      'type=docker,"dest=a,b.tar","name=x:1,y:2",annotation.org.example=v',
      {
        kind: 'docker',
        destination: 'a,b.tar',
        ...archive,
        names: ['x:1', 'y:2'],
        annotations: { 'org.example': 'v' },
      },
    ],
  ])('%s is read as docker buildx reads it', (text, spec) => {
    expect(parseOutput(text)).toEqual(spec)
  })

  it.each([
    ['', /no type/],
    ['type=oci,"dest=a', /quotes/],
    ['type=docker', /no destination/],
    ['type=nope,dest=x', /no type "nope"/],
    ['type=registry,dest=x', /no type "registry"/],
    ['type=docker,dest=a,dest=b', /given twice/],
    ['type=docker,dest=a,color=red', /no option "color"/],
    ['type=tar,dest=a,compression=gzip', /no option "compression"/],
    ['type=oci,dest=a,compression=zstd', /"zstd" is not served/],
    ['type=oci,dest=a,compression-level=10', /from 0 to 9/],
    ['type=oci,dest=a,tar=maybe', /true or false/],
    ['type=oci,dest=-,tar=false', /directory cannot go to standard output/],
    ['type=local,dest=-', /directory cannot go to standard output/],
  ])('%s is refused with the reason', (text, message) => {
    expect(() => parseOutput(text)).toThrowError(
      expect.objectContaining({ code: 'E_OUTPUT', message: expect.stringMatching(message) }),
    )
  })
})
