import { describe, expect, test } from 'vitest'
import { checkDockerfile } from '../check-dockerfile.js'
import { outlineDockerfile } from '../outline-dockerfile.js'
import { parseDockerfile } from '../parse-dockerfile.js'
import { listBaseImages } from './list-base-images.js'
import { planBuild } from './plan-build.js'

const host = { os: 'linux', architecture: 'amd64' }

interface Given {
  readonly buildArgs?: Readonly<Record<string, string>>
  readonly onBuild?: readonly string[]
}

/** The stages that are planned, and the images that are asked for. */
async function plan(text: string, { buildArgs = {}, onBuild }: Given = {}) {
  const asked: string[] = []
  const { stages, target } = await planBuild(parseDockerfile(text), {
    buildPlatform: host,
    buildArgs,
    resolveImage: async (name) => {
      asked.push(name)
      const config = onBuild && name === 'parent' ? { OnBuild: [...onBuild] } : {}
      return { id: name, config: { ...host, config, rootfs: { type: 'layers', diff_ids: [] } } }
    },
  })
  return { stages: [...stages.keys()], asked: asked.sort(), operations: stages.get(target)!.operations }
}

const TWO = 'FROM scratch AS a\nFROM scratch AS b\n'

describe('a variable in --from', () => {
  test('names a stage by a global ARG, and only that stage is planned', async () => {
    const text = `ARG STAGE=a\n${TWO}FROM scratch\nCOPY --from=$STAGE x /\n`
    expect((await plan(text)).stages).toEqual([0, 2])
    expect((await plan(text, { buildArgs: { STAGE: 'B' } })).stages).toEqual([1, 2])
    expect((await plan(text, { buildArgs: { STAGE: '1' } })).stages).toEqual([1, 2])
    expect((await plan(text)).operations).toMatchObject([{ kind: 'copy', from: { kind: 'stage', stage: 0 } }])
  })

  test('names an image, in part, with the words that FROM has', async () => {
    const text =
      'FROM scratch\nARG TAG=1.2\nARG NAME=img:${TAG%.*}\nCOPY --from=$NAME x /\nCOPY --from=img:${TAG} y /\nCOPY --from=${OTHER:-z}-$TARGETARCH y /\n'
    expect((await plan(`ARG OTHER\n${text}`)).asked).toEqual(['img:1', 'img:1.2', 'z-amd64'])
    const listed = listBaseImages(`ARG OTHER\n${text}`, { buildPlatform: host, buildArgs: { TAG: '7' } })
    expect(listed.map(({ name }) => name)).toEqual(['img:7', 'z-amd64'])
  })

  test('has the value of the line: the last ARG before it, over the global one', async () => {
    const text = `ARG S=a\n${TWO}FROM scratch\nCOPY --from=$S x /\nARG S=b\nCOPY --from=$S x /\nARG S\nCOPY --from=$S x /\n`
    const { operations } = await plan(text)
    expect(operations.map((one) => one.kind === 'copy' && one.from)).toEqual(
      [0, 1, 0].map((stage) => ({ kind: 'stage', stage })),
    )
  })

  test('is inherited by stages, and seen by triggers with their own', async () => {
    const below = `${TWO}FROM scratch AS base\nARG S=b\nONBUILD ARG T=a\nONBUILD COPY --from=$T x /\n`
    expect((await plan(`${below}FROM base\nCOPY --from=$S x /\n`)).stages).toEqual([0, 1, 2, 3])
    const onBuild = ['ARG T=b', 'COPY --from=$T x /']
    expect((await plan(`${TWO}FROM parent\n`, { onBuild })).stages).toEqual([1, 2])
  })

  test('works in the mounts of RUN', async () => {
    const text = `ARG STAGE=b\n${TWO}FROM scratch\nRUN --mount=from=$STAGE,target=/b --mount=from=img:\${STAGE},target=/i x\n`
    const { stages, asked, operations } = await plan(text)
    expect(stages).toEqual([1, 2])
    expect(asked).toEqual(['img:b'])
    expect(operations).toMatchObject([
      {
        mounts: [{ from: { kind: 'stage', stage: 1 } }, { from: { kind: 'image', image: { id: 'img:b' } } }],
      },
    ])
  })

  test('counts as a use of the global ARG in the outline', async () => {
    const { args } = await outlineDockerfile(
      `ARG STAGE=a\nARG REST=1\n${TWO}FROM scratch\nCOPY --from=$STAGE x /\n`,
    )
    expect(args.map(({ name }) => name)).toEqual(['STAGE'])
  })

  test('closes a circle like a name', async () => {
    const text = 'ARG S=b\nFROM scratch AS a\nCOPY --from=$S x /\nFROM scratch AS b\nCOPY --from=a x /\n'
    await expect(plan(text)).rejects.toMatchObject({ code: 'E_DF_CYCLE' })
    await expect(
      plan('ARG S=b\nFROM scratch AS a\nCOPY --from=$S x /\nFROM scratch AS b\nFROM a\n'),
    ).rejects.toMatchObject({
      code: 'E_DF_STAGE_REF',
      hint: 'move b up',
    })
  })
})

describe('refused, with line and hint, is a variable', () => {
  const refused = async (lines: string, given: Given = {}) => {
    const text = `ARG NONE\nARG STAGE=a\n${TWO}FROM scratch\n${lines}COPY --from=IT x /\n`
    return async (from: string) =>
      await plan(text.replace('IT', from), given).then(
        () => undefined,
        ({ code, message, hint, data, location }) => ({ code, message, hint, data, line: location.line }),
      )
  }

  test('that no ARG declares', async () => {
    expect(await (await refused(''))('$STAGES')).toEqual({
      code: 'E_DF_VAR',
      message: 'variable STAGES in --from=$STAGES is not declared (did you mean STAGE?)',
      hint: 'declare it with ARG STAGES in the stage above this line, or above the first FROM; ENV does not count in --from',
      data: { from: '$STAGES', variables: ['STAGES'] },
      line: 6,
    })
    expect(await (await refused(''))('${MISSING:-a}')).toMatchObject({ code: 'E_DF_VAR' })
  })

  test('that has no value', async () => {
    const of = await refused('')
    expect(await of('$NONE')).toEqual({
      code: 'E_DF_STAGE_REF',
      message: '--from=$NONE is empty: check the value of variable NONE',
      hint: 'give a value with ARG NONE=…, or with --build-arg',
      data: { from: '$NONE', variables: ['NONE'] },
      line: 6,
    })
    expect(await of('img:$NONE')).toMatchObject({ code: 'E_DF_STAGE_REF', data: { variables: ['NONE'] } })
    const blank = await refused('ARG TAG=\n')
    expect(await blank('img:$TAG')).toMatchObject({ code: 'E_DF_STAGE_REF', data: { variables: ['TAG'] } })
    expect(await of('${NONE:?say which}')).toMatchObject({ code: 'E_DF_VAR', line: 6 })
    expect(await of('a$NONE')).toBeUndefined()
  })

  test('that ENV sets, or that hangs on one', async () => {
    const env = await refused('ENV STAGE=b\n')
    expect(await env('$STAGE')).toMatchObject({
      code: 'E_DF_VAR',
      hint: 'ENV sets STAGE, and does not count in --from: use an ARG of another name',
      line: 7,
    })
    const hanging = await refused('ENV E=b\nARG S=$E\n')
    expect(await hanging('$S')).toMatchObject({
      code: 'E_DF_VAR',
      message: 'variable S in --from=$S is not known this early',
    })
    expect(await (await refused('ENV E=b\nARG S=$E\n', { buildArgs: { S: 'a' } }))('$S')).toBeUndefined()
    expect(await (await refused('ARG STAGE\nENV STAGE=$STAGE\n'))('$STAGE')).toBeUndefined()
  })
})

test('what BuildKit would refuse is a finding of the checks, at its line', async () => {
  const text = `ARG STAGE=a\n${TWO}FROM scratch\nCOPY --from=$STAGE x /\n# check=skip=NotPortable\nCOPY --from=$STAGE x /\nCOPY --from=a x /\n`
  const { warnings, error } = await checkDockerfile(text)
  expect(error).toBeUndefined()
  expect(warnings.map(({ rule, message, location }) => [rule, message, location.line])).toEqual([
    ['NotPortable', 'BuildKit refuses a variable in --from=$STAGE', 5],
  ])
})

test('arguments that grow with every line and every stage cost no more than the file', async () => {
  const double = Array.from({ length: 3000 }, (_, index) => `ARG A${index + 1}=$A${index}$A${index}\n`).join(
    '',
  )
  const stages = Array.from(
    { length: 300 },
    (_, index) => `FROM s${index} AS s${index + 1}\nCOPY --from=$A2 x /\n`,
  )
  const text = `FROM scratch AS s0\nARG A0=x\n${double}${stages.join('')}FROM scratch\n`
  expect((await plan(text)).stages).toEqual([301])
})
