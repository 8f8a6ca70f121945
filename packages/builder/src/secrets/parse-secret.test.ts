import { expect, it } from 'vitest'
import { parseSecret } from './parse-secret.js'
import { parseSsh } from './parse-ssh.js'

it.each([
  ['id=a,src=f', { id: 'a', from: 'file', name: 'f' }],
  ['id=a,source=d/f=g', { id: 'a', from: 'file', name: 'd/f=g' }],
  ['type=file,ID=a,SRC=f', { id: 'a', from: 'file', name: 'f' }],
  ['"id=a,b",src=f', { id: 'a,b', from: 'file', name: 'f' }],
  ['id=a,env=V', { id: 'a', from: 'env', name: 'V' }],
  ['type=env,id=a,src=V', { id: 'a', from: 'env', name: 'V' }],
  ['type=env,id=a,env=V', { id: 'a', from: 'env', name: 'V' }],
  ['type=env,id=a', { id: 'a', from: 'env', name: 'a' }],
  ['type=file,id=a', { id: 'a', from: 'file', name: 'a' }],
  ['id=a', { id: 'a', from: 'either', name: 'a' }],
  ['id=a,id=b,src=', { id: 'b', from: 'either', name: 'b' }],
])('--secret %s', (text, spec) => {
  expect(parseSecret(text)).toEqual(spec)
})

it.each([
  ['', 'E_SECRET_SPEC'],
  ['id=', 'E_SECRET_ID'],
  ['src=canary', 'E_SECRET_ID'],
  ['canary', 'E_SECRET_SPEC'],
  ['id=a,canary', 'E_SECRET_SPEC'],
  ['id=a,value=canary', 'E_SECRET_SPEC'],
  ['id=a,canary=x', 'E_SECRET_SPEC'],
  ['id=a,type=canary', 'E_SECRET_SPEC'],
  ['id=a,src=canary,env=canary', 'E_SECRET_SPEC'],
  ['id=a,"src=canary', 'E_SECRET_SPEC'],
])('--secret %j is refused with %s, and not repeated', (text, code) => {
  expect(() => parseSecret(text)).toThrow(expect.objectContaining({ code }))
  expect(() => parseSecret(text)).not.toThrow(/canary/)
})

it.each([
  ['default', { id: 'default', paths: [] }],
  ['', { id: 'default', paths: [] }],
  ['a=', { id: 'a', paths: [] }],
  ['=s', { id: 'default', paths: ['s'] }],
  ['a=k1,k=2', { id: 'a', paths: ['k1', 'k=2'] }],
])('--ssh %j', (text, spec) => {
  expect(parseSsh(text)).toEqual(spec)
})
