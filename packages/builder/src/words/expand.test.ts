import { isCooperageError } from '@cooperage/store'
import { describe, expect, it } from 'vitest'
import { envMap } from './env-map.js'
import { expandWord, expandWords } from './expand.js'

const codeOf = (action: () => unknown): unknown => {
  try {
    action()
  } catch (error) {
    return isCooperageError(error) ? error.code : error
  }
  return undefined
}

describe('a word', () => {
  it('says which variables it asked for', () => {
    const { text, matched, unmatched } = expandWord('$A/${B:-$C}', { env: envMap(['A=1']) })
    expect([text, [...matched], [...unmatched].sort()]).toEqual(['1/', ['A'], ['B', 'C']])
  })

  it('takes its variables from a map, an object or a list', () => {
    for (const env of [new Map([['A', '1']]), { A: '1' }, ['A=0', 'A=1']]) {
      expect(expandWord('$A$constructor', { env }).text).toBe('1')
    }
  })

  it('splits at blanks of a value, not at quoted ones', () => {
    const env = envMap(['S=a  b'])
    expect(expandWords('$S "$S" x\\ y', { env })).toEqual(['a', 'b', 'a  b', 'x y'])
  })

  it('keeps the escape character of the Dockerfile', () => {
    expect(expandWord('C:\\$A`$A', { env: envMap(['A=x']), escape: '`' }).text).toBe('C:\\x$A')
  })

  it('names the variable that must be set', () => {
    expect(() => expandWord('${V:?give a version}', { env: new Map() })).toThrow('V: give a version')
  })

  it('may not grow without end', () => {
    const env = new Map([['X', 'x']])
    const double = () => {
      for (let times = 0; times < 64; times++) env.set('X', expandWord('$X$X', { env, limit: 1 << 16 }).text)
    }
    expect(codeOf(double)).toBe('E_LIMIT')
    const wide = new Map([['X', 'a'.repeat(100_000)]])
    expect(codeOf(() => expandWord('${X//a/$X}', { env: wide }))).toBe('E_LIMIT')
    expect(codeOf(() => expandWord(`"${'$X'.repeat(10_000)}"`, { env: wide }))).toBe('E_LIMIT')
    expect(codeOf(() => expandWord('${A:-'.repeat(100_000), { env }))).toBe('E_LIMIT')
  })

  it('matches patterns in time proportional to both lengths', () => {
    const env = new Map([['X', 'a'.repeat(20_000)]])
    expect(expandWord(`\${X#${'*a'.repeat(60)}b}`, { env }).text).toHaveLength(20_000)
    expect(expandWord(`\${X//${'a*'.repeat(60)}b/c}`, { env }).text).toHaveLength(20_000)
    const huge = new Map([['X', 'a'.repeat(2_000_000)]])
    expect(codeOf(() => expandWord(`\${X##${'*a'.repeat(60)}}`, { env: huge }))).toBe('E_LIMIT')
  })
})
