import { isCooperageError } from '@cooperage/store'
import { describe, expect, it } from 'vitest'
import { LIMITS } from './limits.js'
import { parseNodes } from './parse.js'

function refusal(input: string | Uint8Array): {
  code: string
  message: string
  line: number | undefined
  hint: string | undefined
} {
  try {
    parseNodes(input)
  } catch (error) {
    if (!isCooperageError(error)) throw error
    return { code: error.code, message: error.message, line: error.location?.line, hint: error.hint }
  }
  throw new Error('the input was accepted')
}

describe('comments', () => {
  it('above an instruction belong to it, directives do not', () => {
    const { nodes } = parseNodes('# syntax=a/b\n# one\n\n# two\nFROM a\n# three\nRUN b\n')
    expect(nodes.map((node) => node.comments)).toEqual([['one', 'two'], ['three']])
  })

  it('begin anew after an empty comment', () => {
    expect(parseNodes('# one\n#\n# two\nFROM a\n').nodes[0]?.comments).toEqual(['two'])
  })

  it('vanish inside a continuation', () => {
    const { nodes } = parseNodes('FROM a\nRUN b \\\n  # note\n  c\n')
    expect(nodes[1]?.args).toEqual(['b   c'])
  })
})

describe('continuation', () => {
  it('remembers the empty lines that it skips', () => {
    const { nodes } = parseNodes('FROM a\nRUN b \\\n\n \\\n\t\n c\nRUN d\n')
    expect(nodes[1]).toMatchObject({ range: { line: 2, endLine: 6 }, emptyContinuationLines: [3, 5] })
    expect(nodes[2]).toMatchObject({ range: { line: 7, endLine: 7 }, emptyContinuationLines: [] })
  })

  it('is not begun by an escaped escape character', () => {
    expect(parseNodes('FROM a\nRUN b \\\\\nRUN c\n').nodes).toHaveLength(3)
  })

  it('follows the escape directive', () => {
    const parsed = parseNodes('# escape=`\nFROM a\nRUN b `\n c\\\n')
    expect(parsed.escape).toBe('`')
    expect(parsed.nodes[1]?.args).toEqual(['b  c\\'])
  })
})

describe('line ends and byte order marks', () => {
  it('do not show in the arguments, but stay in the bodies of here-documents', () => {
    const { nodes } = parseNodes('\ufeffFROM a\r\nRUN <<EOF\r\nx\r\nEOF\r\n')
    expect(nodes[0]?.args).toEqual(['a'])
    expect(nodes[1]?.heredocs).toMatchObject([{ name: 'EOF', content: 'x\r\n' }])
  })
})

describe('here-documents', () => {
  it('follow one another in the order of their marks', () => {
    const { nodes } = parseNodes('FROM a\nCOPY <<X 3<<-"Y" /d/\nY\nX\n\tz\n\tY\nRUN b\n')
    expect(nodes[1]?.heredocs).toEqual([
      { name: 'X', content: 'Y\n', expand: true, chomp: false, fileDescriptor: 0 },
      { name: 'Y', content: '\tz\n', expand: false, chomp: true, fileDescriptor: 3 },
    ])
    expect(nodes[2]?.range).toEqual({ line: 7, endLine: 7 })
  })

  it('of ONBUILD lie on the outer node', () => {
    const { nodes } = parseNodes('FROM a\nONBUILD RUN <<EOF\nx\nEOF\n')
    expect(nodes[1]?.heredocs).toMatchObject([{ content: 'x\n' }])
    expect(nodes[1]?.child).toMatchObject({ keyword: 'RUN', args: ['<<EOF'], heredocs: [] })
  })

  it('without an end are refused at their opening line', () => {
    expect(refusal('FROM a\n\nRUN <<EOF\nx\n')).toMatchObject({
      code: 'E_DF_HEREDOC',
      message: 'unterminated heredoc',
      line: 3,
    })
  })
})

describe('directives', () => {
  it('are found whatever their case, until the first line that is none', () => {
    const { directives, check } = parseNodes('#Check=skip=all\n# other=1\n# escape=`\nFROM a\n')
    expect(directives).toEqual([{ name: 'check', value: 'skip=all', line: 1 }])
    expect(check).toBe('skip=all')
  })

  it('of a wrong value are refused at their own line', () => {
    expect(refusal('# syntax=a\n# escape=x\nFROM a\n')).toMatchObject({ code: 'E_DF_DIRECTIVE', line: 2 })
    expect(refusal('# escape=  \nFROM a\n').message).toBe("invalid escape token ' ' does not match ` or \\")
  })

  it.each([
    ['# syntax=a/b:1 --x\nFROM a\n', 'a/b:1'],
    ['#!/bin/x\n# syntax=a\nFROM a\n', 'a'],
    ['// syntax=c\nFROM a\n', 'c'],
    ['{"syntax":"j"}\n', 'j'],
    ['{"syntax":1}\n', undefined],
    ['FROM a\n# syntax=late\n', undefined],
  ])('ask for a frontend in several ways: %j', (text, syntax) => {
    expect(parseNodes(text).syntax).toBe(syntax)
  })
})

describe('the location of an error', () => {
  it('holds the lines that it names', () => {
    try {
      parseNodes('FROM a\nRUN ["b", \\\n 1]\n', { name: 'x/Dockerfile' })
      expect.unreachable()
    } catch (error) {
      expect(isCooperageError(error) && error.location).toEqual({
        file: 'x/Dockerfile',
        line: 2,
        endLine: 3,
        source: ['RUN ["b", \\', ' 1]'],
      })
    }
  })
})

describe('limits', () => {
  it('of a line count bytes without the line end', () => {
    const fitting = 'a'.repeat(LIMITS.lineBytes - 4)
    expect(parseNodes(`FROM a\nRUN ${fitting}\n`).nodes).toHaveLength(2)
    expect(refusal(`FROM a\nRUN ${fitting}\u00e9\n`)).toMatchObject({ code: 'E_LIMIT', line: 2 })
  })

  it('end files that are too large, too many instructions and too deep ones', () => {
    expect(refusal('#'.repeat(LIMITS.fileBytes + 1)).code).toBe('E_LIMIT')
    expect(refusal('FROM a\n'.repeat(LIMITS.instructions + 1)).code).toBe('E_LIMIT')
    expect(refusal(`FROM a\n${'ONBUILD '.repeat(5_000)}RUN x\n`).code).toBe('E_LIMIT')
    expect(refusal(`FROM a\nRUN <<a ${'${a:-'.repeat(5_000)}\n`).code).toBe('E_LIMIT')
  })
})

describe('a long instruction takes time that grows with its length and no faster', () => {
  const long = (piece: string) => `${piece.repeat(Math.floor(60_000 / piece.length))}\\\n`.repeat(20)
  it.each([
    ['an open JSON text', `RUN ["${long('\\"')}`],
    ['brackets', `RUN ${long('[')}`],
    ['carriage returns', `RUN ${long('\r')}`],
    ['quotes', `ENV a=${long('"\'')}`],
    ['pairs', `ENV ${long('a=b ')}`],
    ['flags', `RUN ${long('--mount=a ')}`],
    ['marks', `RUN ${long('<< ')}x`],
    ['blanks behind a mark', `RUN <<${long(' ')}a<`],
    ['escape characters', `RUN ${long('\\ ')}`],
    ['an unknown keyword', long('K')],
    ['a directive', `# escape=a${' '.repeat(60_000)}b`],
  ])('%s', (_, text) => {
    const started = performance.now()
    try {
      parseNodes(`${text}\nFROM a\n`)
    } catch (error) {
      if (!isCooperageError(error)) throw error
    }
    expect(performance.now() - started).toBeLessThan(2_000)
  })
})
