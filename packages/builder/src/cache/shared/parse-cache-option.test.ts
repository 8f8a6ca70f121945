import { describe, expect, test } from 'vitest'
import { parseCacheSource, parseCacheTarget } from './parse-cache-option.js'

describe('--cache-from', () => {
  test.each([
    ['me/app:cache', { kind: 'registry', reference: 'docker.io/me/app:cache' }],
    ['type=registry,ref=localhost:5000/a', { kind: 'registry', reference: 'localhost:5000/a' }],
    ['type=local,src=dir', { kind: 'local', path: 'dir' }],
    ['type=registry,ref=a,mounts=true', { kind: 'registry', reference: 'docker.io/library/a', mounts: true }],
    [
      'type=registry,ref=localhost:5000/a,registry.insecure=1',
      { kind: 'registry', reference: 'localhost:5000/a', insecure: true },
    ],
    ['type=local,src=d,mounts=true', { kind: 'local', path: 'd', mounts: true }],
    ['type=local,src=d,mounts=false', { kind: 'local', path: 'd' }],
    ['type=local,"src=a,b",tag=x', { kind: 'local', path: 'a,b', tag: 'x' }],
  ])('%s', (text, source) => expect(parseCacheSource(text)).toEqual(source))

  test.each([
    ['type=gha', 'there is no type "gha"'],
    ['type=inline', 'an inline cache is read from where the image is'],
    ['type=registry', 'it has no ref'],
    ['type=local,dest=x', 'it has no src'],
    ['type=local,src=x,mode=max', 'it has an unknown field "mode"'],
    ['type=local,src=x,src=y', 'src is given twice'],
    ['type=local,src', '"src" is not of the form key=value'],
    ['type=local,"src=x', 'its quotes do not match'],
    ['', 'it is empty'],
  ])('%s is refused', (text, why) =>
    expect(() => parseCacheSource(text)).toThrow(
      expect.objectContaining({ code: 'E_CACHE_OPTION', message: expect.stringContaining(why) }),
    ),
  )
})

describe('--cache-to', () => {
  const steps = { mode: 'min', compression: 'gzip', ignoreError: true }
  test.each([
    ['type=inline', { kind: 'inline' }],
    [
      'type=registry,ref=localhost:5000/a,registry.insecure=true',
      { kind: 'registry', reference: 'localhost:5000/a', insecure: true, ...steps },
    ],
    ['type=inline,mounts=false', { kind: 'inline' }],
    ['type=local,dest=d,mounts=true', { kind: 'local', path: 'd', ...steps, mounts: true }],
    ['me/app', { kind: 'registry', reference: 'docker.io/me/app', ...steps }],
    [
      'type=local,dest=d,mode=max,compression=uncompressed,ignore-error=false',
      { kind: 'local', path: 'd', mode: 'max', compression: 'uncompressed', ignoreError: false },
    ],
    [
      'type=local,dest=d,compression=zstd,compression-level=19,ignore-error=1,force-compression=0,mounts=T',
      { kind: 'local', path: 'd', ...steps, compression: 'zstd', compressionLevel: 19, mounts: true },
    ],
    [
      'type=registry,ref=a,compression-level=9,image-manifest=true,oci-mediatypes=true',
      {
        kind: 'registry',
        reference: 'docker.io/library/a',
        compressionLevel: 9,
        ...steps,
      },
    ],
  ])('%s', (text, target) => expect(parseCacheTarget(text)).toEqual(target))

  test.each([
    ['type=local,dest=d,ignore-error=2', 'ignore-error cannot be "2"'],
    [
      'type=local,dest=d,force-compression=true',
      'a layer that is only in another cache is written as it is there',
    ],
    ['type=local,dest=d,compression-level=10', 'compression-level goes from 0 to 9'],
    ['type=local,dest=d,compression=zstd,compression-level=23', 'compression-level goes from 0 to 22'],
    ['type=inline,mounts=true', 'an inline cache holds no cache mounts'],
    ['type=local,dest=d,mounts=yes', 'mounts cannot be "yes"'],
    ['type=inline,mode=max', 'mode cannot be "max"'],
    ['type=local,dest=d,mode=all', 'mode cannot be "all"'],
    ['type=local,dest=d,compression=estargz', 'compression cannot be "estargz"'],
    ['type=local,dest=d,image-manifest=false', 'image-manifest is always true here'],
    ['type=s3,bucket=b', 'there is no type "s3"'],
  ])('%s is refused', (text, why) =>
    expect(() => parseCacheTarget(text)).toThrow(
      expect.objectContaining({ code: 'E_CACHE_OPTION', message: expect.stringContaining(why) }),
    ),
  )
})
