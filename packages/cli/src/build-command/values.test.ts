import { readFileSync } from 'node:fs'
import { openSecrets } from '@cooperage/builder'
import { describe, expect, test } from 'vitest'
import { annotations } from './annotations.js'
import { namedContexts } from './named-contexts.js'
import { buildArguments, namedValues } from './pairs.js'
import { secrets } from './secrets.js'
import { sshAgents } from './ssh-agents.js'

const wrong = expect.objectContaining({ code: 'E_CLI' })

describe('NAME=VALUE', () => {
  test('the value may hold = and be empty, and the last one counts', () => {
    expect(namedValues('label', ['a=1', 'b=x=y', 'c=', 'a=2'])).toEqual({ a: '2', b: 'x=y', c: '' })
  })
  test.each(['', '=x', 'bare'])('%j is refused', (text) => {
    expect(() => namedValues('label', [text])).toThrow(wrong)
  })
  test('a name of every object is only a name', () => {
    expect(Object.keys(namedValues('label', ['__proto__=1']))).toEqual(['__proto__'])
  })
})

describe('build arguments', () => {
  test('without a value they come from the environment, and stay unset where it has none', () => {
    expect(buildArguments(['A', 'B', 'C=3', 'D='], { A: '1' })).toEqual({ A: '1', C: '3', D: '' })
  })
  test.each(['', '=x'])('%j is refused', (text) => {
    expect(() => buildArguments([text], {})).toThrow(wrong)
  })
})

describe('annotations', () => {
  test('go to the manifests, or to what is named before them', () => {
    expect(
      annotations([
        'a=b:c',
        'manifest:d=e',
        'org.x/y=https://z',
        'index,manifest-descriptor[linux/arm64]:org.f=g=h',
      ]),
    ).toEqual([
      { key: 'a', value: 'b:c' },
      { key: 'd', value: 'e', type: 'manifest' },
      { key: 'org.x/y', value: 'https://z' },
      { key: 'org.f', value: 'g=h', type: 'index' },
      { key: 'org.f', value: 'g=h', type: 'manifest-descriptor', platform: 'linux/arm64' },
    ])
  })
  test.each([
    ['bare', /invalid annotation "bare", expected key=value/],
    ['layer:a=b', /unknown annotation type "layer"/],
    ['manifest[linux/:a=b', /invalid annotation type "manifest\[linux\/"/],
    ['Manifest:a=b', /invalid annotation type/],
  ])('%s is refused', (text, message) => {
    expect(() => annotations([text])).toThrow(message)
    expect(() => annotations([text])).toThrow(wrong)
  })
  test('a platform that is none is refused', () => {
    expect(() => annotations(['manifest[nonsense]:a=b'])).toThrow(
      expect.objectContaining({ code: 'E_PLATFORM' }),
    )
  })
})

describe('named contexts', () => {
  test.each([
    ['a=../x', { kind: 'directory', path: '../x' }],
    ['a=https://x', { kind: 'remote', url: 'https://x' }],
    ['a=git@h:x#r:s', { kind: 'remote', url: 'git@h:x#r:s' }],
    ['a=docker-image://debian:12', { kind: 'image', reference: 'debian:12' }],
    ['a=oci-layout:///l', { kind: 'oci-layout', path: '/l' }],
    ['a=oci-layout://l:1', { kind: 'oci-layout', path: 'l', reference: '1' }],
    ['a=oci-layout:///c:d/l', { kind: 'oci-layout', path: '/c:d/l' }],
    [
      `a=oci-layout:///l@sha256:${'0'.repeat(64)}`,
      { kind: 'oci-layout', path: '/l', reference: `sha256:${'0'.repeat(64)}` },
    ],
  ])('%s', (text, context) => {
    expect(namedContexts([text])).toEqual({ a: context })
  })
  test.each(['a=', 'a=ftp://x', 'a=oci-layout://', 'a'])('%s is refused', (text) => {
    expect(() => namedContexts([text])).toThrow(wrong)
  })
})

describe('secrets', () => {
  const value = async (text: string, env: Record<string, string>) => {
    const source = await openSecrets(secrets([text], env))
    return Buffer.from((await source.get('a'))!).toString()
  }
  test('come from a variable or a file, and the variable first where neither is named', async () => {
    expect(await value('id=a,env=V', { V: 'x' })).toBe('x')
    expect(await value('id=a', { a: '' })).toBe('')
    expect(await value('id=a,src=/etc/hostname', {})).toBe(readFileSync('/etc/hostname', 'utf8'))
    await expect(value('id=a', {})).rejects.toMatchObject({ code: 'E_SECRET_MISSING' })
  })
  test.each([
    [['id=a,env=V'], 'E_SECRET_MISSING'],
    [['type=env,id=a'], 'E_SECRET_MISSING'],
    [['id=a,src=x', 'id=a,src=y'], 'E_SECRET_TWICE'],
  ])('%j is refused', (texts, code) => {
    expect(() => secrets(texts, {})).toThrow(expect.objectContaining({ code }))
  })
})

describe('agents', () => {
  test('default to the agent of the caller', () => {
    const env = { SSH_AUTH_SOCK: '/s' }
    expect(sshAgents(['default', 'a=', 'b=/k,/l'], env)).toEqual({
      default: ['/s'],
      a: ['/s'],
      b: ['/k', '/l'],
    })
  })
  test.each([
    [['default'], 'E_SSH_MISSING'],
    [['a=x', 'a=y'], 'E_SSH_TWICE'],
  ])('%j is refused', (texts, code) => {
    expect(() => sshAgents(texts, {})).toThrow(expect.objectContaining({ code }))
  })
})
