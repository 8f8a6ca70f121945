import { describe, expect, test } from 'vitest'
import { checkDockerfile } from '../check-dockerfile.js'
import { parseCheckOptions } from './check-options.js'

async function found(text: string, buildArgs: Record<string, string> = {}) {
  const { warnings, error } = await checkDockerfile(text, { buildArgs })
  return { rules: warnings.map(({ rule }) => rule), error: error?.message }
}

describe('a Dockerfile', () => {
  test('leaves a rule out everywhere, or above one instruction with the reason behind it', async () => {
    const text = 'FROM scratch\nWORKDIR a\nENV A b\nENV B b\n'
    expect((await found(text)).rules).toEqual([
      'WorkdirRelativePath',
      'LegacyKeyValueFormat',
      'LegacyKeyValueFormat',
    ])
    expect((await found(`# check=skip=LegacyKeyValueFormat\n${text}`)).rules).toEqual(['WorkdirRelativePath'])
    const above = text.replace(
      'ENV A',
      '# check=skip=LegacyKeyValueFormat,Other as our parser wants it\nENV A',
    )
    expect((await found(above)).rules).toEqual(['WorkdirRelativePath', 'LegacyKeyValueFormat'])
  })

  test('has no say when the build argument speaks', async () => {
    const text = '# check=skip=all\nFROM scratch AS A\n'
    expect(await found(text, { BUILDKIT_DOCKERFILE_CHECK: 'error=true' })).toEqual({
      rules: ['StageNameCasing'],
      error: 'lint violation found for rules: StageNameCasing',
    })
  })

  test('cannot skip an experimental rule that it asked for, as with BuildKit', async () => {
    const text = 'check=skip=all;experimental=all\n# text\nARG A\nFROM scratch AS B\n'
    expect((await found(`# ${text}`)).rules).toEqual(['InvalidDefinitionDescription'])
  })

  test('with a wrong option is told that before anything else', async () => {
    expect(await found('# check=skip\n<<<\n')).toEqual({
      rules: [],
      error: 'failed to parse check options: invalid check option "skip"',
    })
  })
})

test('no more than three options are told apart', () => {
  expect(parseCheckOptions('skip=A; error=1 ;experimental=B')).toMatchObject({ error: true, skipAll: false })
  expect(() => parseCheckOptions('skip=A;skip=B;error=true;skip=C')).toThrow('error=true;skip=C')
})

test('a misspelt name is answered with the near one', async () => {
  const { warnings } = await checkDockerfile('FROM scratch\nENV VERSION=1\nLABEL v=$VERSOIN\n')
  expect(warnings[0]?.message).toBe("Usage of undefined variable '$VERSOIN' (did you mean $VERSION?)")
})

test('thousands of names that are not defined are reported in time that grows with the file', async () => {
  const lines = Array.from({ length: 20_000 }, (_, index) => `ENV NAME${index}=$MISSING${index}\n`)
  const { warnings } = await checkDockerfile(`FROM scratch\n${lines.join('')}`)
  expect(warnings).toHaveLength(20_000)
})
