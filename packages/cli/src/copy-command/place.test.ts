import { expect, test } from 'vitest'
import { parsePlace } from './place.js'

test.each([
  ['docker://debian:12', { kind: 'docker', name: 'debian:12' }],
  ['store:app:1', { kind: 'store', name: 'app:1' }],
  ['oci:layout', { kind: 'oci', path: 'layout' }],
  ['oci:/a/b:1.0', { kind: 'oci', path: '/a/b', reference: '1.0' }],
  ['oci:l:host/app:1', { kind: 'oci', path: 'l', reference: 'host/app:1' }],
  ['oci-archive:a.tar:', { kind: 'oci-archive', path: 'a.tar' }],
  ['docker-archive:a.tar:app:1', { kind: 'docker-archive', path: 'a.tar', reference: 'app:1' }],
])('%s is a place', (text, place) => {
  expect(parsePlace(text)).toEqual(place)
})

test.each([
  '',
  'app',
  'app:1',
  'docker:debian',
  'docker://',
  'store:',
  'oci:',
  'oci::x',
  'dir:x',
  'oci-archive:a:@0',
])('%j is none', (text) => {
  expect(() => parsePlace(text)).toThrow(
    expect.objectContaining({ code: 'E_CLI', hint: expect.stringContaining('docker://NAME') }),
  )
})
