import { isCooperageError } from '@cooperage/store'
import { describe, expect, it } from 'vitest'
import type { Command } from './instructions/commands.js'
import { parseDockerfile } from './parse-dockerfile.js'

function command(line: string): Command {
  const [only, ...others] = parseDockerfile(`FROM a\n${line}\n`).stages[0]?.commands ?? []
  expect(others).toEqual([])
  return only!
}

function refusal(input: string | Uint8Array): {
  code: string
  message: string
  hint: string | undefined
  data: object
} {
  try {
    parseDockerfile(input)
  } catch (error) {
    if (!isCooperageError(error)) throw error
    return { code: error.code, message: error.message, hint: error.hint, data: error.data }
  }
  throw new Error('the input was accepted')
}

describe('stages', () => {
  it('hold the commands between one FROM and the next', () => {
    const { globalArgs, stages } = parseDockerfile(
      '# V what it is\nARG V=1 W\n# other\n# base the bottom\nFROM --platform=$P alpine:$V As Base\nRUN x\nARG V\nfrom base\n',
    )
    expect(globalArgs).toMatchObject([
      {
        args: [
          { key: 'V', value: '1', description: 'what it is' },
          { key: 'W', description: '' },
        ],
      },
    ])
    expect(globalArgs[0]?.args[1]).not.toHaveProperty('value')
    expect(stages).toMatchObject([
      {
        name: 'base',
        writtenName: 'Base',
        baseName: 'alpine:$V',
        platform: '$P',
        keyword: 'FROM',
        asKeyword: 'As',
        range: { line: 5, endLine: 5 },
        commands: [{ kind: 'run' }, { kind: 'arg' }],
      },
      { name: '', writtenName: '', baseName: 'base', keyword: 'from', asKeyword: '', commands: [] },
    ])
    expect(stages.map((stage) => stage.description)).toEqual(['the bottom', ''])
  })

  it('may be none when the file holds ARGs alone', () => {
    expect(parseDockerfile('ARG a\n').stages).toEqual([])
  })
})

describe('the file', () => {
  it('passes on its directives, its name and its lines', () => {
    const text = '# syntax=docker/dockerfile:1\n# escape=`\n# check=skip=all\nFROM a\r\n'
    expect(parseDockerfile(text, { name: 'x' })).toMatchObject({
      syntax: 'docker/dockerfile:1',
      escape: '`',
      check: 'skip=all',
      file: 'x',
      lines: ['# syntax=docker/dockerfile:1', '# escape=`', '# check=skip=all', 'FROM a'],
    })
  })
})

describe('commands', () => {
  it('keep their text with continuations joined, and their keyword as written', () => {
    expect(command('run a \\\n  b')).toMatchObject({
      text: 'run a   b',
      keyword: 'run',
      range: { line: 2, endLine: 3 },
      command: { shell: true, args: ['a   b'], heredocs: [] },
    })
  })

  it('tell a JSON array from a shell form', () => {
    expect(command('CMD ["a", "b c"]')).toMatchObject({ command: { shell: false, args: ['a', 'b c'] } })
    expect(command("CMD ['a']")).toMatchObject({ command: { shell: true, args: ["['a']"] } })
    expect(command('CMD []')).toMatchObject({ command: { shell: false, args: [] } })
  })

  it('RUN keeps mounts as written and has the defaults of network and security', () => {
    expect(command('RUN --mount=type=cache,target=/a --mount="target=/b,c" x')).toMatchObject({
      mounts: ['type=cache,target=/a', 'target=/b,c'],
      network: 'default',
      security: 'sandbox',
      devices: [],
    })
  })

  it('RUN gets the bodies of here-documents with their tabs', () => {
    expect(command('RUN <<-A\n\tx\n\tA')).toMatchObject({
      command: {
        args: ['<<-A'],
        heredocs: [{ name: 'A', content: '\tx\n', chomp: true, expand: true, fileDescriptor: 0 }],
      },
    })
  })

  it('ENV and LABEL know the form they were written in', () => {
    expect(command('ENV a="b c" d=')).toMatchObject({
      pairs: [
        { key: 'a', value: '"b c"', legacy: false },
        { key: 'd', value: '', legacy: false },
      ],
    })
    expect(command('LABEL a  b=c  d')).toMatchObject({ pairs: [{ key: 'a', value: 'b=c  d', legacy: true }] })
  })

  it('COPY parts sources, here-documents and destination', () => {
    expect(
      command('COPY --from=b --chown=1:2 --link --exclude=x --exclude=y p <<"A" q /d/\nt\nA'),
    ).toMatchObject({
      sources: ['p', 'q'],
      heredocs: [{ name: 'A', content: 't\n', expand: false }],
      destination: '/d/',
      from: 'b',
      chown: '1:2',
      chmod: '',
      link: true,
      parents: false,
      excludes: ['x', 'y'],
    })
  })

  it('ADD tells a switch that was given from one that was not', () => {
    expect(command('ADD --unpack=FALSE a b')).toMatchObject({ unpack: false })
    expect(command('ADD --keep-git-dir a b')).toMatchObject({ keepGitDir: true })
    expect(command('ADD a b')).not.toHaveProperty('unpack')
  })

  it('HEALTHCHECK gives nanoseconds', () => {
    expect(command('HEALTHCHECK --interval=1m --timeout=1.5s --retries=3 CMD a b')).toMatchObject({
      test: ['CMD-SHELL', 'a b'],
      interval: 60e9,
      timeout: 1.5e9,
      startPeriod: 0,
      startInterval: 0,
      retries: 3,
    })
    expect(command('HEALTHCHECK cmd ["a"]')).toMatchObject({ test: ['CMD', 'a'] })
    expect(command('HEALTHCHECK none')).toMatchObject({ test: ['NONE'], interval: 0 })
  })

  it('EXPOSE sorts its ports', () => {
    expect(command('EXPOSE 80 443/tcp 22')).toMatchObject({ ports: ['22', '443/tcp', '80'] })
  })

  it('ONBUILD keeps its trigger as text, with here-documents', () => {
    expect(command('onbuild   COPY <<A b\nx\nA')).toMatchObject({ trigger: 'COPY <<A b\nx\nA' })
  })
})

describe('hints', () => {
  it('name the flags that an instruction takes', () => {
    expect(refusal('FROM a\nCOPY --x b c\n')).toMatchObject({
      code: 'E_DF_FLAG',
      hint: 'COPY takes --from, --chown, --chmod, --link, --parents, --exclude',
    })
    expect(refusal('FROM a\nUSER --x b\n').hint).toBe('USER takes no flags')
  })

  it('say that a file for another frontend is no Dockerfile', () => {
    expect(refusal('{"syntax":"x"}').hint).toContain('external frontends are not run')
  })
})

describe('encodings', () => {
  it('other than UTF-8 are named where their first instruction fails', () => {
    expect(refusal(Buffer.from('\ufeffFROM a\n', 'utf16le'))).toMatchObject({
      code: 'E_DF_ENCODING',
      hint: 'the file is UTF-16; save it as UTF-8',
      data: { offset: 0, encoding: 'UTF-16' },
    })
    expect(refusal(Buffer.from('FROM a\n', 'utf16le'))).toMatchObject({
      code: 'E_DF_ENCODING',
      data: { offset: 1 },
    })
  })

  it.each([
    ['an argument', 'FROM a\nRUN x\0y\n', 12],
    ['a file of many bytes', 'FROM \u00e9\nENV a=\0\n', 14],
  ])('a NUL byte in %s is refused with its offset', (_, text, offset) => {
    expect(refusal(text)).toMatchObject({ code: 'E_DF_ENCODING', data: { offset } })
  })

  it('bytes that are no UTF-8 become the replacement character', () => {
    const { stages } = parseDockerfile(Buffer.from('FROM a\nUSER \xff\n', 'latin1'))
    expect(stages[0]?.commands).toMatchObject([{ user: '\ufffd' }])
  })
})

describe('faults of RUN flags', () => {
  it.each([
    ['--device=a,b', "invalid field 'b' must be a key=value pair"],
    ['--device=name=a,name=b', 'device name already set to a'],
    ['--device=a,requierd=1', "unexpected key 'requierd' in 'requierd=1' (did you mean required?)"],
    ['--device=a,required=maybe', 'invalid value for required: maybe'],
    [
      '--mount=a\\"b',
      'failed to parse csv mounts: parse error on line 1, column 2: bare " in non-quoted field',
    ],
  ])('%s', (flag, message) => {
    expect(refusal(`FROM a\nRUN ${flag} x\n`)).toMatchObject({
      code: 'E_DF_FLAG',
      message: `dockerfile parse error on line 2: ${message}`,
    })
  })

  it('--device takes a name alone, a key, or both', () => {
    for (const value of ['v.com/c=a', 'name=v.com/c=a,required', 'a,required=false']) {
      expect(command(`RUN --device=${value} x`)).toMatchObject({ devices: [value] })
    }
  })
})
