import { fromUtf8, isCooperageError } from '@cooperage/store'
import { describe, expect, it } from 'vitest'
import { createIgnoreMatcher } from './create-ignore-matcher.js'

const many = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => line(index)).join('\n')

function elapsed(action: () => void): number {
  const start = performance.now()
  action()
  return performance.now() - start
}

describe('an ignore file', () => {
  it('keeps below an excluded directory what an exception names', () => {
    const matcher = createIgnoreMatcher('node_modules\n!node_modules/keep\n')
    expect(matcher.excludes('node_modules/a')).toBe(true)
    expect(matcher.excludes('node_modules/keep/b')).toBe(false)
  })

  it('lets a walk leave out a subtree only when no exception can reach into it', () => {
    const matcher = createIgnoreMatcher('*\n!src/main\n')
    expect(matcher.visit('src', true, []).prune).toBe(false)
    expect(matcher.visit('test', true, []).prune).toBe(true)
    expect(createIgnoreMatcher('*\n!**/main\n').visit('test', true, []).prune).toBe(false)
  })

  it('tells which line decided', () => {
    const matcher = createIgnoreMatcher('# notes\n*.log\ndist\n\n!dist/keep\n', { file: 'web.dockerignore' })
    expect(matcher.explain('dist/a/b')).toEqual({
      excluded: true,
      file: 'web.dockerignore',
      line: 3,
      pattern: 'dist',
    })
    expect(matcher.explain('dist/keep')).toMatchObject({ excluded: false, line: 5, pattern: '!dist/keep' })
    expect(matcher.explain('src')).toEqual({ excluded: false, file: 'web.dockerignore' })
  })

  it('is refused with the line of a malformed pattern', () => {
    for (const [text, line] of [
      ['a\n[a-\n', 2],
      ['\n\n!\n', 3],
      ['a\\\n', 1],
      [`${'x'.repeat(70_000)}\n`, 1],
    ] as const) {
      let found: unknown
      try {
        createIgnoreMatcher(text)
      } catch (error) {
        found = isCooperageError(error) ? [error.code, error.location?.line] : error
      }
      expect(found).toEqual(['E_IGNORE_PATTERN', line])
    }
  })

  it('fails with the line when a pattern proves malformed at its first use', () => {
    const matcher = createIgnoreMatcher('ok\n\\c\n')
    expect(() => matcher.visit('x', false, [])).toThrow(/\.dockerignore:2/)
  })

  it('matches names that are not UTF-8 byte by byte', () => {
    const matcher = createIgnoreMatcher('caf?\n')
    expect(matcher.excludes('caf\xe9')).toBe(true)
    expect(matcher.excludes(fromUtf8('café'))).toBe(true)
    expect(matcher.excludes('caf\xe9\xe9')).toBe(false)
  })

  it('takes time linear in a hostile pattern', () => {
    const matcher = createIgnoreMatcher(`${'**/'.repeat(200)}*a*b\n${'[a-z]*'.repeat(100)}!\n`)
    const path = `${'a/'.repeat(1000)}aaaa`
    expect(elapsed(() => matcher.excludes(path))).toBeLessThan(20_000)
  })

  it('stays fast with 100,000 patterns', () => {
    const kinds = (index: number) => [
      `literal/path/${index}`,
      `**/name${index}.js`,
      `dir${index}/**`,
      `dir${index}/*.txt`,
      `!keep/${index}`,
      `**/made${index}/**`,
      `node_modules/**/*.tmp${index}`,
    ]
    const text = many(100_000, (index) => kinds(index)[index % 7]!)
    const matcher = createIgnoreMatcher(text)
    const spent = elapsed(() => {
      for (let index = 0; index < 40_000; index++) {
        const { state } = matcher.visit('literal', true, [])
        matcher.visit(`dir${index}/a.txt`, false, state)
        matcher.visit(`node_modules/package/lib/file${index}.js`, false, state)
      }
    })
    expect(spent).toBeLessThan(10_000)
    for (const path of ['dir3/a.txt', 'a/b/name1.js', 'dir2/x/y', 'a/made5/b', 'node_modules/a/b.tmp6']) {
      expect(matcher.excludes(path), path).toBe(true)
    }
    expect(matcher.excludes('dir4/x/y')).toBe(false)
  })
})
