import { describe, expect, it } from 'vitest'
import { parseOutput } from './parse-output.js'

const archive = {
  tar: true,
  forceCompression: false,
  ociMediaTypes: true,
  rewriteTimestamp: false,
  annotations: [],
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
        annotations: [{ key: 'org.example', value: 'v' }],
      },
    ],
    ['type=oci', { kind: 'oci', destination: '-', ...archive }],
    ['type=tar', { kind: 'tar', destination: '-' }],
    ['type=cacheonly', { kind: 'cacheonly', destination: '' }],
    [
      'type=local,dest=out,platform-split=false,mode=delete,source-date-epoch=12',
      { kind: 'local', destination: 'out', platformSplit: false, mode: 'delete', sourceDateEpoch: 12 },
    ],
    [
      'type=oci,dest=a,compression=zstd,compression-level=22,oci-mediatypes=,source-date-epoch=,prefer-nondist-layers=1',
      {
        kind: 'oci',
        destination: 'a',
        ...archive,
        compression: 'zstd',
        compressionLevel: 22,
        sourceDateEpoch: null,
        preferNondistributable: true,
      },
    ],
    [
      'type=oci,dest=a,annotation-manifest-descriptor[linux/arm/v7].Some.Key=v,annotation-index.i=1',
      {
        kind: 'oci',
        destination: 'a',
        ...archive,
        annotations: [
          { key: 'Some.Key', value: 'v', type: 'manifest-descriptor', platform: 'linux/arm/v7' },
          { key: 'i', value: '1', type: 'index' },
        ],
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
    ['type=docker,dest=a,dest=b', /given twice/],
    ['type=docker,dest=a,color=red', /no option "color"/],
    ['type=tar,dest=a,compression=gzip', /no option "compression"/],
    ['type=oci,dest=a,compression=estargz', /"estargz" is not served/],
    ['type=oci,dest=a,compression=lzma', /unsupported compression type lzma/],
    ['type=oci,dest=a,compression=zstd,compression-level=23', /from 0 to 22/],
    ['type=oci,dest=a,annotation-foo.a=b', /unrecognized annotation type foo/],
    ['type=oci,dest=a,annotation-index[.a=b', /could not fully parse annotation/],
    ['type=oci,dest=a,attestation-inline=true', /no option "attestation-inline"/],
    ['type=oci,dest=a,source-date-epoch=soon', /invalid source-date-epoch/],
    ['type=local,dest=a,mode=mirror', /invalid local exporter mode "mirror"/],
    ['type=tar,dest=a,mode=delete', /no option "mode"/],
    ['type=local', /no destination/],
    ['type=cacheonly,dest=a', /no option "dest"/],
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
