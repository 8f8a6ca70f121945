import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { commit, git, gitServer } from './git-server.js'
import { type Loopback, loopback } from './loopback.js'
import { tarOf } from './tar-of.js'
import { workspace } from './workspace.js'

const space = workspace('source-date-epoch')
/** The commit's, in test/git-server.ts. */
const OF_COMMIT = '2020-09-13T12:26:40Z'
const OF_NEWEST = '2022-04-25T18:40:00Z'
const OF_HEADER = '2015-10-21T07:28:00Z'
const SHOW = 'FROM scratch\nARG SOURCE_DATE_EPOCH\nLABEL epoch=$SOURCE_DATE_EPOCH\nCOPY <<end /f\nend\n'

const TAR = tarOf([
  { name: 'Dockerfile', content: SHOW, mtime: 1_500_000_000 },
  { name: 'newer/', mtime: 1_800_000_000 },
  { name: 'newer/file', content: 'x', mtime: 1_650_912_000.75 },
  { name: 'newest', type: 'symlink', linkname: 'Dockerfile', mtime: 1_900_000_000 },
])
const BODIES: Readonly<Record<string, string | Buffer>> = {
  '/context.tar': TAR,
  '/modified/context.tar.gz': gzipSync(TAR),
  '/modified/file': 'no archive',
  '/file': 'no archive',
  '/Dockerfile': SHOW,
}
let web: Loopback
let repository: string
const nothing = space.folder('nothing', {})

beforeAll(async () => {
  web = await loopback(({ url = '' }, response) => {
    const body = BODIES[url]
    if (body === undefined) return void response.writeHead(404).end()
    if (url.startsWith('/modified')) response.setHeader('last-modified', 'Wed, 21 Oct 2015 07:28:00 GMT')
    response.end(body)
  })
  const source = space.folder('source', {})
  git(source, 'init', '--quiet', '--initial-branch=main')
  commit(source, { Dockerfile: SHOW, 'sub/file': 'x' })
  git(space.root, 'clone', '--quiet', '--mirror', 'source', 'served/app.git')
  repository = `${(await gitServer(space.path('served'))).origin}/app.git`
})

interface Asked {
  readonly value?: string
  readonly context?: string
  readonly dockerfile?: string
  readonly args?: readonly string[]
  readonly stdin?: Buffer
}

/** The time of the image, and what an ARG of the stage sees. */
async function epochOf({ value, context = nothing, dockerfile, args = [], stdin }: Asked) {
  const env = {
    COOPERAGE_STORE: space.path('store'),
    ...(value !== undefined && { SOURCE_DATE_EPOCH: value }),
  }
  const from = dockerfile === undefined ? [] : ['-f', '-']
  const input = stdin ?? dockerfile ?? ''
  const built = await space.run(['build', '-t', 'epoch:1', ...from, ...args, context], { env, stdin: input })
  if (built.code !== 0) return built.stderr
  const [image] = JSON.parse((await space.run(['inspect', 'epoch:1'], { env })).stdout)
  const label: string = image.Config.Labels?.epoch
  return { created: label === '' ? undefined : image.Created, label }
}

const at = (created: string) => ({ created, label: String(Date.parse(created) / 1000) })
const NONE = { created: undefined, label: '' }

describe('SOURCE_DATE_EPOCH=context is the time', () => {
  it('of the commit', async () => {
    expect(await epochOf({ value: 'context', context: repository })).toEqual(at(OF_COMMIT))
  })

  it('that the server gives, before that of the newest file', async () => {
    const context = `${web.origin}/modified/context.tar.gz`
    expect(await epochOf({ value: 'context', context })).toEqual(at(OF_HEADER))
  })

  it('of the newest file of an archive, directories and links aside', async () => {
    expect(await epochOf({ value: 'context', context: `${web.origin}/context.tar` })).toEqual(at(OF_NEWEST))
    expect(await epochOf({ value: 'context', context: '-', stdin: TAR })).toEqual(at(OF_NEWEST))
  })

  it.each([
    ['a directory', {}],
    ['a Dockerfile alone', { context: '/Dockerfile' }],
  ])('of nothing for %s', async (_what, { context }: { context?: string }) => {
    const asked = context === undefined ? { dockerfile: SHOW } : { context: web.origin + context }
    expect(await epochOf({ value: 'context', ...asked })).toEqual(NONE)
  })
})

describe('a name means', () => {
  const dockerfile = `ARG SOURCE_DATE_EPOCH=from\n${SHOW}`

  it.each([
    ['a git repository', () => repository, at(OF_COMMIT)],
    ['an archive', () => `${web.origin}/context.tar`, at(OF_NEWEST)],
    ['a directory', () => nothing, NONE],
  ])('a build context: %s', async (_what, place, expected) => {
    expect(await epochOf({ dockerfile, args: ['--build-context', `from=${place()}`] })).toEqual(expected)
  })

  it.each([
    ['ADD {web}/modified/file /', at(OF_HEADER)],
    ['ADD {web}/context.tar /', at(OF_NEWEST)],
    ['ARG P=context\nADD {web}/$P.tar /', at(OF_NEWEST)],
    ['ADD {web}/file /', NONE],
    ['ADD {git} /', at(OF_COMMIT)],
    ['ADD {git}#main:sub /', at(OF_COMMIT)],
  ])('a stage with one remote ADD: %s', async (text, expected) => {
    const add = text.replace('{web}', web.origin).replace('{git}', repository)
    const stage = `ARG SOURCE_DATE_EPOCH=From\nFROM scratch AS from\n${add}\n`
    expect(await epochOf({ dockerfile: stage + SHOW })).toEqual(expected)
  })

  it('nothing when a build argument is a time', async () => {
    const args = ['--build-arg', 'SOURCE_DATE_EPOCH=1600000000']
    expect(await epochOf({ dockerfile, args })).toEqual(at(OF_COMMIT))
    expect(await epochOf({ dockerfile, value: '1600000000' })).toEqual(at(OF_COMMIT))
  })

  it('nothing in the stage, whose own default counts as in any ARG', async () => {
    const own = SHOW.replace('ARG SOURCE_DATE_EPOCH', 'ARG SOURCE_DATE_EPOCH=5')
    const found = await epochOf({
      dockerfile: `ARG SOURCE_DATE_EPOCH=from\n${own}`,
      args: ['--build-context', `from=${repository}`],
    })
    expect(found).toEqual({ created: OF_COMMIT, label: '5' })
  })
})

describe('what is wrong is said as BuildKit says it', () => {
  it.each([
    ['1.5', 'invalid SOURCE_DATE_EPOCH: 1.5'],
    ['-', 'invalid SOURCE_DATE_EPOCH: -'],
    ['not-a-timestamp', 'invalid SOURCE_DATE_EPOCH: not-a-timestamp'],
    ['99999999999999', 'invalid SOURCE_DATE_EPOCH: 99999999999999'],
  ])('%s', async (value, message) => {
    expect(await epochOf({ dockerfile: SHOW, value })).toContain(`error[E_DF_EPOCH]: ${message}`)
  })

  it.each([
    ['FROM busybox AS from\nADD http://127.0.0.1/x /', 'SOURCE_DATE_EPOCH stage must use FROM scratch'],
    ['FROM scratch AS from', 'SOURCE_DATE_EPOCH stage must contain exactly one remote ADD'],
    [
      'FROM scratch AS from\nCOPY a /',
      'SOURCE_DATE_EPOCH stage does not meet source-only requirements: unsupported copy instruction',
    ],
    [
      'FROM scratch AS from\nADD http://127.0.0.1/x /\nADD http://127.0.0.1/y /',
      'SOURCE_DATE_EPOCH stage must contain exactly one remote ADD',
    ],
    [
      'FROM scratch AS from\nADD http://127.0.0.1/x http://127.0.0.1/y /',
      'SOURCE_DATE_EPOCH stage must contain exactly one remote ADD source',
    ],
    ['FROM scratch AS from\nADD a /', 'SOURCE_DATE_EPOCH stage source must be a single HTTP(S) or Git ADD'],
  ])('%s', async (stage, message) => {
    const answer = await epochOf({ dockerfile: `ARG SOURCE_DATE_EPOCH=from\n${stage}\n${SHOW}` })
    expect(answer).toContain(`error[E_DF_EPOCH]: ${message}`)
    expect(answer).toContain('<stdin>:2')
  })

  it('what cannot be fetched is told with the stage', async () => {
    const stage = `ARG SOURCE_DATE_EPOCH=from\nFROM scratch AS from\nADD ${web.origin}/absent /\n`
    const answer = await epochOf({ dockerfile: stage + SHOW })
    expect(answer).toContain('404')
    expect(answer).toContain('<stdin>:2')
  })
})
