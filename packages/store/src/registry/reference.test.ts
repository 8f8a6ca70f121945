import { describe, expect, it } from 'vitest'
import { isCooperageError } from '../errors.js'
import { parseReference, withDefaultTag } from './reference.js'

describe('a reference', () => {
  it('is completed with the default registry and tag', () => {
    expect(String(withDefaultTag(parseReference('ubuntu')))).toBe('docker.io/library/ubuntu:latest')
    expect(String(withDefaultTag(parseReference('localhost:5000/a')))).toBe('localhost:5000/a:latest')
  })

  it('keeps tag and digest and gets no default beside them', () => {
    const digest = `sha256:${'a'.repeat(64)}`
    const named = withDefaultTag(parseReference(`index.docker.io/u:1@${digest}`))
    expect({ ...named, toString: undefined }).toEqual({
      domain: 'docker.io',
      path: 'library/u',
      tag: '1',
      digest,
      familiar: `u:1@${digest}`,
      toString: undefined,
    })
  })

  it('is refused with the place of a character it cannot hold', () => {
    try {
      parseReference('http://a b')
      expect.unreachable()
    } catch (error) {
      expect(isCooperageError(error) && [error.code, error.data.position]).toEqual(['E_REF', 8])
    }
  })

  it('is judged in linear time', () => {
    for (const text of ['a-'.repeat(200_000), 'a_'.repeat(200_000), `h.io/${'a/'.repeat(200_000)}`]) {
      expect(() => parseReference(text)).toThrow('invalid reference format')
    }
  })
})
