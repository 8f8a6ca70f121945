import { expect, test } from 'vitest'
import { parseDockerfile } from '../parse-dockerfile.js'
import { planBuild } from './plan-build.js'
import { refuseWrittenRun } from './refuse-written-run.js'
import { firstRun, refuseUnserved } from './unserved.js'

const planOf = (text: string, target?: string) =>
  planBuild(parseDockerfile(text), {
    buildPlatform: { os: 'linux', architecture: 'amd64' },
    resolveImage: () => Promise.reject(new Error('no image')),
    ...(target !== undefined && { target }),
  })

const text =
  'FROM scratch AS a\nRUN one\nFROM scratch AS b\nRUN two\nADD https://x/y /\nFROM scratch AS c\nADD git@h:x /\n'

test('a RUN that the target needs is refused with its line', async () => {
  const plan = await planOf(text, 'b')
  expect(firstRun(plan)?.text).toBe('RUN two')
  expect(() => refuseUnserved(plan)).toThrow(
    expect.objectContaining({
      code: 'E_NO_EXECUTOR',
      message: 'this version executes no RUN, and the image needs the one on line 4: RUN two',
    }),
  )
})

test('a wish of an ADD that is not served is refused with its line', async () => {
  const plan = await planOf('FROM scratch\nADD --keep-git-dir git@h:x /\n')
  expect(() => refuseUnserved(plan)).toThrow(
    expect.objectContaining({ code: 'E_GIT_UNSERVED', location: expect.objectContaining({ line: 2 }) }),
  )
  refuseUnserved(await planOf(text, 'c'))
})

test('a plan of files alone is served, whatever other stages hold', async () => {
  const plan = await planOf(`${text}FROM scratch\nCOPY a /\nWORKDIR /x\n`)
  expect(firstRun(plan)).toBeUndefined()
  refuseUnserved(plan)
})

test('a RUN in the text is refused before an image is looked for, when the target needs it', () => {
  const buildPlatform = { os: 'linux', architecture: 'amd64' }
  const written = parseDockerfile('FROM one AS a\nRUN x\nFROM two AS b\nFROM a\n')
  expect(() => refuseWrittenRun(written, { buildPlatform })).toThrow(
    expect.objectContaining({ code: 'E_NO_EXECUTOR', location: expect.objectContaining({ line: 2 }) }),
  )
  refuseWrittenRun(written, { buildPlatform, target: 'b' })
  refuseWrittenRun(written, { buildPlatform, namedContexts: new Map([['a', 'image']] as const) })
})
