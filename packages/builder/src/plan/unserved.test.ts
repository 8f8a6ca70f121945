import { expect, test } from 'vitest'
import { parseDockerfile } from '../parse-dockerfile.js'
import { planBuild } from './plan-build.js'
import { refuseUnserved, runsOf } from './unserved.js'
import { writtenRun } from './written-run.js'

const planOf = (text: string, target?: string) =>
  planBuild(parseDockerfile(text), {
    buildPlatform: { os: 'linux', architecture: 'amd64' },
    resolveImage: () => Promise.reject(new Error('no image')),
    ...(target !== undefined && { target }),
  })

const text =
  'FROM scratch AS a\nRUN one\nFROM scratch AS b\nRUN two\nADD https://x/y /\nFROM scratch AS c\nADD git@h:x /\n'

test('the RUNs that the target needs are known', async () => {
  expect(runsOf(await planOf(text, 'b'))).toMatchObject([{ text: 'RUN two', location: { line: 4 } }])
})

test('a wish of an ADD that is not served is refused with its line', async () => {
  const plan = await planOf('FROM scratch\nADD git@h:x?mtime=checkout /\n')
  expect(() => refuseUnserved(plan)).toThrow(
    expect.objectContaining({ code: 'E_GIT_UNSERVED', location: expect.objectContaining({ line: 2 }) }),
  )
  refuseUnserved(await planOf(text, 'c'))
})

test('a plan of files alone is served, whatever other stages hold', async () => {
  const plan = await planOf(`${text}FROM scratch\nCOPY a /\nWORKDIR /x\n`)
  expect(runsOf(plan)).toEqual([])
  refuseUnserved(plan)
})

test('a RUN in the text is known before an image is looked for, when the target needs it', () => {
  const buildPlatform = { os: 'linux', architecture: 'amd64' }
  const written = parseDockerfile('FROM one AS a\nRUN x\nFROM two AS b\nFROM a\n')
  expect(writtenRun(written, { buildPlatform })).toMatchObject({ text: 'RUN x', location: { line: 2 } })
  expect(writtenRun(written, { buildPlatform, target: 'b' })).toBeUndefined()
  const namedContexts = new Map([['a', 'image']] as const)
  expect(writtenRun(written, { buildPlatform, namedContexts })).toBeUndefined()
})
