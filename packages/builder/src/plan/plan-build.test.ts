import type { ImageConfig } from '@cooperage/store'
import { describe, expect, test } from 'vitest'
import { parseDockerfile } from '../parse-dockerfile.js'
import type { RunOperation } from './plan.js'
import { planBuild } from './plan-build.js'
import type { PlanOptions } from './plan-options.js'

const host = { os: 'linux', architecture: 'amd64' }

function image(config: ImageConfig['config'] = {}): ImageConfig {
  return { ...host, config, rootfs: { type: 'layers', diff_ids: [] } }
}

/** Plans with images that are all alike, or those given; `asked` lists the names that were looked up. */
async function plan(
  text: string,
  options: Partial<PlanOptions> & { images?: Record<string, ImageConfig> } = {},
) {
  const asked: string[] = []
  const { images = {}, ...rest } = options
  const planned = await planBuild(parseDockerfile(text), {
    buildPlatform: host,
    resolveImage: async (name, platform) => {
      asked.push(`${name} ${platform.architecture}`)
      return { id: name, config: images[name] ?? image() }
    },
    ...rest,
  })
  return { ...planned, asked, main: planned.stages.get(planned.target)! }
}

describe('stages', () => {
  test('that the target does not need are absent, and their images are not looked up', async () => {
    const text = 'FROM one AS a\nFROM two AS b\nFROM three\nCOPY --from=a x /\nFROM four\n'
    const { stages, asked, main } = await plan(text, { target: 'b' })
    expect([...stages.keys()]).toEqual([1])
    expect(asked).toEqual(['two amd64'])
    expect(main.needs).toEqual([])
  })

  test('are needed as a base, by name, by number and by a mount', async () => {
    const text =
      'FROM one AS a\nFROM two AS b\nFROM three AS c\nFROM a\nCOPY --from=B x /\nRUN --mount=from=c,target=/c x\nCOPY --from=0 y /\n'
    const { main, asked } = await plan(text)
    expect(main.base).toEqual({ kind: 'stage', stage: 0 })
    expect(main.needs).toEqual([0, 1, 2])
    expect(asked.toSorted()).toEqual(['one amd64', 'three amd64', 'two amd64'])
  })

  test('that share an image look it up once', async () => {
    expect((await plan('FROM one AS a\nFROM one\nCOPY --from=a x /\nCOPY --from=one y /\n')).asked).toEqual([
      'one amd64',
    ])
  })

  test('have the platform of FROM, and their images are looked up for it', async () => {
    const { main, asked } = await plan('FROM --platform=$BUILDPLATFORM one AS a\nFROM a\n', {
      platform: { os: 'linux', architecture: 'arm64' },
    })
    expect(asked).toEqual(['one amd64'])
    expect(main.platform).toEqual(host)
    expect(main.config.architecture).toBe('arm64')
  })

  test('in a circle are refused with the circle', async () => {
    const text = 'FROM s AS a\nCOPY --from=b x y\nFROM s AS b\nCOPY --from=a x y\n'
    await expect(plan(text)).rejects.toMatchObject({
      code: 'E_DF_CYCLE',
      data: {
        path: ['a', 'b', 'a'],
        lines: [
          [2, 2],
          [4, 4],
        ],
      },
    })
  })

  test('of a long chain are planned', async () => {
    const chain = Array.from({ length: 1000 }, (_, i) => `FROM s${i} AS s${i + 1}\nENV V${i}=x\n`).join('')
    const { main } = await plan(`FROM scratch AS s0\n${chain}`)
    expect(main.config.config?.Env).toHaveLength(1001)
  })
})

describe('triggers', () => {
  test('of an image run first, and may need a stage that nothing else needs', async () => {
    const images = { base: image({ OnBuild: ['COPY --from=extra a /a', 'ENV X=1'] }) }
    const text = 'FROM other AS extra\nFROM unused\nFROM base\nENV Y=$X\n'
    const { main, stages, asked } = await plan(text, { images })
    expect([...stages.keys()]).toEqual([0, 2])
    expect(asked).toEqual(['base amd64', 'other amd64'])
    expect(main.history.map((entry) => entry.createdBy)).toEqual([
      'COPY a /a # buildkit',
      'ENV X=1',
      'ENV Y=1',
    ])
    expect(main.operations[0]!.location).toMatchObject({ line: 3 })
    expect(main.config.config?.OnBuild).toBeUndefined()
  })

  test('of a stage reach its children and not their children', async () => {
    const { main } = await plan('FROM s AS a\nONBUILD ENV X=1\nFROM a AS b\nFROM b\n')
    expect(main.history).toEqual([])
    expect(main.config.config?.Env).toContain('X=1')
  })
})

describe('named contexts', () => {
  const namedContexts = new Map([
    ['dir', 'directory'],
    ['img', 'image'],
    ['stage', 'directory'],
    ['alpine', 'image'],
  ] as const)

  test('are taken by COPY, as a directory or as an image', async () => {
    const { main } = await plan('FROM scratch\nCOPY --from=dir a /\nCOPY --from=img b /\n', { namedContexts })
    expect(main.operations.map((operation) => operation.kind === 'copy' && operation.from)).toEqual([
      { kind: 'namedContext', name: 'dir' },
      { kind: 'image', image: { id: 'img', config: image() } },
    ])
  })

  test('replace a stage of their name, whose commands are not run', async () => {
    const text = 'FROM scratch AS stage\nRUN make\nFROM scratch\nCOPY --from=stage a /\nCOPY --from=0 b /\n'
    const { main, stages, asked } = await plan(text, { namedContexts })
    expect([...stages.keys()]).toEqual([1])
    expect(asked).toEqual([])
    for (const operation of main.operations) {
      expect(operation).toMatchObject({ from: { kind: 'namedContext', name: 'stage' } })
    }
  })

  test('replace an image, with and without its tag', async () => {
    expect((await plan('FROM docker.io/library/alpine:latest\n', { namedContexts })).asked).toEqual([
      'alpine amd64',
    ])
  })

  test('that are directories are the first operation of a stage, without an entry in the history', async () => {
    const { main } = await plan('FROM dir\nWORKDIR /w\n', { namedContexts })
    expect(main.base).toEqual({ kind: 'scratch' })
    expect(main.operations).toMatchObject([{ kind: 'context', name: 'dir' }, { kind: 'mkdir' }])
    expect(main.history).toEqual([{ createdBy: 'WORKDIR /w', operation: 1 }])
    expect(main.counted).toEqual({ stage: '', first: 1, total: 2 })
  })
})

describe('operations', () => {
  test('carry what COPY says, with words expanded and the destination made absolute', async () => {
    const text =
      'FROM scratch\nENV U=me D=dir\nWORKDIR w\nUSER $U\nWORKDIR x\n' +
      'copy --chown=$U --chmod=u=rwX --link --parents --exclude=*.md a$D b $D/\n'
    const { main } = await plan(text)
    expect(main.operations).toMatchObject([
      { kind: 'mkdir', path: '/w', owner: '' },
      { kind: 'mkdir', path: '/w/x', owner: 'me' },
      {
        kind: 'copy',
        from: { kind: 'context' },
        text: 'COPY --chown=$U --chmod=u=rwX --link --parents --exclude=*.md a$D b $D/',
        sources: ['adir', 'b'],
        destination: '/w/x/dir/',
        chown: 'me',
        chmod: 'u=rwX',
        link: true,
        parents: true,
        excludes: ['*.md'],
        unpack: false,
        location: { file: 'Dockerfile', line: 6 },
      },
    ])
    expect(main.history.map((entry) => entry.operation)).toEqual([undefined, 0, undefined, 1, 2])
  })

  test('hold the bodies of here-documents, expanded unless the mark is quoted', async () => {
    const text = 'FROM scratch\nENV X=1\nCOPY <<-a <<"b" /d/\n\t$X "$X"\n\ta\n\t$X\nb\n'
    const [operation] = (await plan(text)).main.operations
    expect(operation).toMatchObject({
      inline: [
        { name: 'a', content: '1 "1"\n' },
        { name: 'b', content: '\t$X\n' },
      ],
    })
  })

  test('of ADD unpack archives unless told otherwise, and tell remote sources apart', async () => {
    const { main } = await plan('FROM scratch\nADD a /\nADD --unpack=false b /\nADD https://x/y /\n')
    expect(main.operations).toMatchObject([{ unpack: true }, { unpack: false }, { kind: 'add-remote' }])
  })

  test('of RUN hold the command line, the environment and the mounts', async () => {
    const text =
      'FROM scratch\nARG A=1\nENV E=2\nWORKDIR /w\nUSER u:g\n' +
      'RUN --mount=type=cache,target=c,mode=0700 --mount=type=secret,id=s --network=none <<EOF\n#!/bin/x\nEOF\n'
    const { main } = await plan(text, { buildArgs: { http_proxy: 'p' } })
    expect(main.operations.at(-1)).toMatchObject({
      kind: 'run',
      args: ['/bin/sh', '-c', '/dev/pipes/EOF'],
      script: { name: 'EOF', content: '#!/bin/x\n' },
      env: expect.arrayContaining(['A=1', 'E=2']),
      proxyEnv: ['HTTP_PROXY=p', 'http_proxy=p'],
      user: 'u:g',
      workdir: '/w',
      network: 'none',
      mounts: [
        { type: 'cache', id: 'c', target: '/w/c', mode: 0o700, readOnly: false, from: { kind: 'scratch' } },
        { type: 'secret', id: 's', target: '', readOnly: true },
      ],
    })
  })

  test('of RUN take tabs away before they look for #!, and order the environment by what was set last', async () => {
    const text =
      'FROM scratch AS a\nENV A=1 B=2\nARG C=3\nENV A=4\nRUN <<-EOF\n\t#!/bin/x\n\t\tb\n\tEOF\n' +
      'FROM a\nRUN --mount=type=cache,target=/c/../d/ x\n'
    const { stages, main } = await plan(text)
    expect(stages.get(0)!.operations).toMatchObject([
      {
        args: ['/bin/sh', '-c', '/dev/pipes/EOF'],
        script: { name: 'EOF', content: '#!/bin/x\nb\n' },
        env: [expect.stringMatching(/^PATH=/), 'B=2', 'C=3', 'A=4'],
      },
    ])
    expect(main.operations).toMatchObject([
      { env: ['C=3', expect.stringMatching(/^PATH=/), 'A=4', 'B=2'], mounts: [{ id: '/d', target: '/d' }] },
    ])
  })

  test('of RUN have no size of a tmpfs that is 0', async () => {
    const mount = (options: string) => `--mount=type=tmpfs,target=/t${options}`
    const text = `FROM scratch\nRUN ${mount('')} x\nRUN ${mount(',size=0')} x\nRUN ${mount(',size=9,size=0.5')} x\n`
    const [plain, ...others] = (await plan(text)).main.operations as RunOperation[]
    expect(others.map(({ mounts }) => mounts)).toEqual([plain!.mounts, plain!.mounts])
    expect(plain!.mounts[0]).not.toHaveProperty('size')
  })

  test('of RUN have mounts whose modes have no special bits', async () => {
    const { main } = await plan(
      'FROM scratch\nRUN --mount=type=cache,target=/c,mode=01755 --mount=type=secret,id=s,mode=04750 x\n',
    )
    expect(main.operations).toMatchObject([{ mounts: [{ mode: 0o755 }, { mode: 0o750 }] }])
  })

  test.each([
    ['RUN ["sh","-c","echo a\\u0000b"]', {}, 'word 3'],
    ['RUN ["ls\\u0000x"]', {}, 'word 1'],
    ['SHELL ["/bin/sh\\u0000x","-c"]\nRUN x', {}, 'word 1'],
    ['ARG A\nRUN x', { A: 'a\0b' }, 'the variable "A"'],
    ['RUN x', { http_proxy: 'a\0b' }, 'the variable "HTTP_PROXY"'],
  ])('of RUN have no NUL, where a word would end: %j', async (lines, buildArgs, what) => {
    await expect(plan(`FROM scratch\n${lines}\n`, { buildArgs })).rejects.toMatchObject({
      code: 'E_DF_ARGS',
      message: expect.stringContaining(what),
      location: { line: lines.split('\n').length + 1 },
    })
  })

  test('of WORKDIR leave it as it was written when nothing is', async () => {
    const { main } = await plan('FROM scratch\nWORKDIR /a/\nWORKDIR $none\n')
    expect(main.config.config?.WorkingDir).toBe('/a/')
    expect(main.history.map(({ createdBy }) => createdBy)).toEqual(['WORKDIR /a/', 'WORKDIR /a/'])
  })
})

test('the platform asked for is the one the image says it has; unasked, that of its base stays', async () => {
  const images = { arm: { ...image(), architecture: 'arm64', variant: 'v8' } }
  expect((await plan('FROM arm\n', { images })).main.config).toMatchObject({ architecture: 'arm64' })
  const asked = await plan('FROM arm\n', { images, platform: host })
  expect(asked.main.config).toMatchObject({ architecture: 'amd64' })
})

test('labels of the command line go to the target alone', async () => {
  const { stages } = await plan('FROM scratch AS a\nFROM a\n', { labels: { l: '1' } })
  expect([...stages.values()].map(({ config }) => config.config?.Labels)).toEqual([undefined, { l: '1' }])
})

test('an environment without end is refused with the line', async () => {
  const text = `FROM scratch\n${'EXPOSE 0-65535\n'.repeat(200)}`
  await expect(plan(text)).rejects.toMatchObject({ code: 'E_LIMIT', location: { file: 'Dockerfile' } })
})

test('an abort ends the planning', async () => {
  await expect(plan('FROM a\n', { signal: AbortSignal.abort() })).rejects.toThrow('aborted')
})
