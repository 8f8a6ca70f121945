import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type BuildEvent,
  build,
  checkDockerfile,
  directory,
  listTargets,
  outlineDockerfile,
} from '@cooperage/builder'
import { openStore } from '@cooperage/store'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { cooper } from './cooper.js'
import { storeDirectory } from './store-directory.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cooperage-checks-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const TEXT = 'FROM scratch AS App\nCOPY a /\nWORKDIR x\nCMD run\n'

function context(dockerfile: string, ignore = ''): string {
  writeFileSync(join(folder, 'Dockerfile'), dockerfile)
  writeFileSync(join(folder, 'a'), 'a')
  if (ignore !== '') writeFileSync(join(folder, '.dockerignore'), ignore)
  return folder
}

describe('a build', () => {
  async function built(path: string) {
    const warnings: string[] = []
    await using store = await openStore({ path: await storeDirectory() })
    await using running = build({ store, context: directory(path) })
    const note = (event: BuildEvent) => {
      if (event.type === 'warning') warnings.push(`${event.location?.line} ${event.rule}`)
    }
    const reading = async () => {
      for await (const event of running) note(event)
      return (await running).warnings.map(({ rule }) => rule)
    }
    const outcome = await reading().catch((error: unknown) => error)
    return { warnings, outcome }
  }

  test('tells what the checks find and goes on', async () => {
    const { warnings, outcome } = await built(context(TEXT))
    expect(warnings).toEqual(['1 StageNameCasing', '3 WorkdirRelativePath', '4 JSONArgsRecommended'])
    expect(outcome).toEqual(['StageNameCasing', 'WorkdirRelativePath', 'JSONArgsRecommended'])
  })

  test('tells it and fails when the file asks for that, before any step', async () => {
    const { warnings, outcome } = await built(context(`# check=error=true;skip=StageNameCasing\n${TEXT}`))
    expect(warnings).toEqual(['4 WorkdirRelativePath', '5 JSONArgsRecommended'])
    expect(outcome).toMatchObject({
      code: 'E_LINT',
      message: 'lint violation found for rules: JSONArgsRecommended, WorkdirRelativePath',
    })
  })

  test('tells that a file is ignored, and of a mistake what was found before it', async () => {
    const { warnings, outcome } = await built(context('FROM scratch\nCOPY a /\nSTOPSIGNAL $x\n', 'a\n'))
    expect(warnings).toEqual(['2 CopyIgnoredFile', '3 UndefinedVar'])
    expect(outcome).toMatchObject({ code: 'E_DF_SIGNAL' })
  })
})

test('what an unknown image may define is not reported; what its stage declares is still known', async () => {
  const text = 'FROM node\nENV A=$NODE_VERSION\nFROM scratch\nENV B=$NODE_VERSION\n'
  const { warnings, unknownImages } = await checkDockerfile(text)
  expect(warnings.map(({ rule, location }) => [rule, location.line])).toEqual([['UndefinedVar', 4]])
  expect(unknownImages).toEqual(['node'])
})

test('an outline holds what the target takes from outside, and not what other stages take', async () => {
  const text =
    '# TAG of the base\nARG TAG=3\nARG UNUSED=1\nFROM alpine:$TAG AS base\nARG MODE=fast\n' +
    'RUN --mount=type=secret,id=key,required --mount=type=cache,target=/c x\n' +
    'FROM alpine AS other\nARG OTHER\nFROM base\nRUN --mount=type=ssh --mount=type=secret,target=/run/t y\n'
  const outline = await outlineDockerfile(text, { buildArgs: { MODE: 'slow' } })
  expect(outline).toMatchObject({
    name: '',
    args: [
      { name: 'TAG', value: '3', description: 'of the base', location: { line: 2 } },
      { name: 'MODE', value: 'slow', location: { line: 5 } },
    ],
    secrets: [
      { id: 'key', required: true },
      { id: 't', required: false },
    ],
    ssh: [{ id: 'default' }],
    caches: [{ id: '/c' }],
  })
})

test('targets are the stages, the last being the default', () => {
  const targets = listTargets('# a first\nFROM x:$T AS a\nFROM --platform=$P a AS B\n')
  expect(targets).toMatchObject([
    { name: 'a', description: 'first', base: 'x:$T', isDefault: false },
    { name: 'b', base: 'a', platform: '$P', isDefault: true },
  ])
})

describe('cooper build', () => {
  const run = (...args: string[]) =>
    cooper(['build', ...args, folder], { env: { COOPERAGE_STORE: join(folder, 'store') } })

  test('--check shows what is found with its lines, builds nothing and exits with 1', async () => {
    context(TEXT)
    const { code, stdout, stderr } = await run('--check')
    expect(code).toBe(1)
    expect(stdout).toContain('WARNING: StageNameCasing - https://docs.docker.com/')
    expect(stdout).toContain("Stage name 'App' should be lowercase\n\nDockerfile:1\n")
    expect(stdout).toContain('   1 | >>> FROM scratch AS App\n')
    expect(stderr).toContain('error[E_LINT]: the checks gave 3 warnings')
  })

  test('--check of a file without findings says so and exits with 0', async () => {
    context('FROM scratch\nCOPY a /\n')
    expect(await run('--check')).toMatchObject({ code: 0, stdout: 'Check complete, no warnings found.\n' })
  })

  test('--check reports a mistake after what was found before it', async () => {
    context('FROM scratch AS App\nCOPY a\n')
    const { code, stdout, stderr } = await run('--check')
    expect(code).toBe(1)
    expect(stdout).toContain('StageNameCasing')
    expect(stderr).toContain('error[E_DF_')
  })

  test('--call=check,format=json writes the form of docker', async () => {
    context(TEXT)
    const { code, stdout } = await run('--call=check,format=json')
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      warnings: [{ ruleName: 'StageNameCasing', location: { ranges: [{ start: { line: 1 } }] } }, {}, {}],
      sources: [{ fileName: 'Dockerfile', data: Buffer.from(TEXT).toString('base64') }],
    })
  })

  test('--call=targets and --call=outline print tables', async () => {
    context('# app serves\nFROM scratch AS app\n# X marks\nARG X=1\n')
    expect((await run('--call=targets')).stdout).toBe('TARGET          DESCRIPTION\napp (default)   serves\n')
    expect((await run('--call=outline')).stdout).toBe(
      'TARGET:      app\nDESCRIPTION: serves\n\nBUILD ARG   VALUE   DESCRIPTION\nX           1       marks\n',
    )
  })
})
