import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { layoutOf } from './layout-of.js'
import { hasTool } from './rival-tools.js'
import { tarOf } from './tar-of.js'
import { workspace } from './workspace.js'

const space = workspace('reproducible')
const COOPER = fileURLToPath(new URL('../packages/cli/dist/bin.js', import.meta.url))
const EPOCH = '1700000000'

const FILES: readonly (readonly [string, string | Buffer])[] = [
  ['a', 'a\n'],
  ['B', 'upper\n'],
  ['\u00e9', 'composed\n'],
  ['e\u0301', 'decomposed\n'],
  ['z/deep/er/file', 'deep\n'],
  ['z/other', 'other\n'],
  ['big', Buffer.alloc(3_000_000, 'big and compressible ')],
  [
    'Dockerfile',
    `FROM base AS one
COPY . /one/
WORKDIR /made
FROM base AS two
COPY --chown=named a B /two/
ENV PATH=/x:$PATH
FROM scratch AS three
COPY --from=one /one/z /three/
FROM two
LABEL b=2 a=1
COPY --from=one /one /from-one
COPY --from=three / /from-three
COPY <<text /text
written in the Dockerfile
text
ADD z/other /added/
VOLUME /v
EXPOSE 80 443
USER 1000
`,
  ],
]

/** The same names, contents and modes, made in another order and at another time: later than the epoch. */
function makeContext(name: string, order: 'forwards' | 'backwards', mtime: number): string {
  const root = space.folder(name, {})
  const files = order === 'forwards' ? FILES : [...FILES].reverse()
  for (const [path, content] of files) {
    mkdirSync(join(root, path, '..'), { recursive: true })
    writeFileSync(join(root, path), content)
    chmodSync(join(root, path), path === 'a' ? 0o755 : 0o644)
    utimesSync(join(root, path), mtime, mtime)
  }
  linkSync(join(root, 'a'), join(root, 'link-of-a'))
  symlinkSync('a', join(root, 'symlink'))
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) chmodSync(join(entry.parentPath, entry.name), 0o755)
  }
  return root
}

interface World {
  readonly context: string
  readonly epoch?: string
  readonly umask?: string
  readonly env?: Readonly<Record<string, string>>
  readonly args?: readonly string[]
  readonly before?: readonly string[]
}

let serial = 0
let base: string

/** Builds with a store of its own; digests of every file that was written. */
function build(world: World): Record<string, string> {
  const home = space.folder(`home-${serial++}`, {})
  const outputs = [
    'type=docker,dest=docker.tar',
    'type=oci,dest=oci.tar',
    'type=oci,tar=false,dest=layout',
    'type=tar,dest=files.tar',
  ]
  const command = [
    ...(world.before ?? []),
    process.execPath,
    COOPER,
    'build',
    ...['-t', 'same:1', '--metadata-file', 'metadata.json', '--build-context', `base=${base}`],
    ...outputs.flatMap((spec) => ['-o', spec]),
    ...(world.args ?? []),
    world.context,
  ]
  const script = `umask ${world.umask ?? '022'}; exec "$@"`
  const run = spawnSync('sh', ['-c', script, 'sh', ...command], {
    cwd: home,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: home, SOURCE_DATE_EPOCH: world.epoch ?? EPOCH, ...world.env },
  })
  if (run.status !== 0) throw new Error(run.stderr)
  const digests: Record<string, string> = {}
  for (const name of ['docker.tar', 'oci.tar', 'layout/index.json', 'files.tar']) {
    digests[name] = createHash('sha256')
      .update(readFileSync(join(home, name)))
      .digest('hex')
  }
  const metadata = JSON.parse(readFileSync(join(home, 'metadata.json'), 'utf8')) as Record<string, string>
  return {
    ...digests,
    manifest: metadata['containerimage.digest']!,
    config: metadata['containerimage.config.digest']!,
  }
}

describe('the same Dockerfile, context and epoch give the same bytes', () => {
  let first: Record<string, string>
  let context: string

  beforeAll(() => {
    const passwd = 'root:x:0:0::/:\nnamed:x:123:456::/:\n'
    base = layoutOf(space.path('base'), {
      layers: [tarOf([{ name: 'etc/' }, { name: 'etc/passwd', content: passwd }])],
    })
    context = makeContext('context', 'forwards', 1_710_000_000)
    first = build({ context })
  })

  it('in another store', () => {
    expect(build({ context })).toEqual(first)
  })

  it('from another directory, whose files were made in another order and at another time', () => {
    expect(
      build({ context: makeContext('elsewhere/with a longer name', 'backwards', 1_720_000_000) }),
    ).toEqual(first)
  })

  it.each(['000', '027', '077'])('under the umask %s', (umask) => {
    expect(build({ context, umask })).toEqual(first)
  })

  it.each([
    { TZ: 'Pacific/Kiritimati', LANG: 'de_DE.UTF-8', LC_ALL: 'tr_TR.UTF-8' },
    { TZ: 'America/St_Johns', LANG: 'C', LC_ALL: 'C', USER: 'somebody', HOSTNAME: 'elsewhere' },
  ])('with %j', (env) => {
    expect(build({ context, env })).toEqual(first)
  })

  it.each(['1', '8'])('with %s jobs', (jobs) => {
    expect(build({ context, args: ['--jobs', jobs] })).toEqual(first)
  })

  it('from the cache and without it', () => {
    const env = { COOPERAGE_STORE: space.path('shared-store') }
    expect(build({ context, env })).toEqual(first)
    expect(build({ context, env })).toEqual(first)
    expect(build({ context, env, args: ['--no-cache'] })).toEqual(first)
  })

  const faketime = hasTool('faketime')
  it.skipIf(!faketime).each(['2031-07-01 12:00:00', '1999-12-31 23:59:59'])('when it is %s', (time) => {
    expect(build({ context, before: ['faketime', time] })).toEqual(first)
  })

  it('and another epoch gives others', () => {
    const other = build({ context, epoch: '1600000001' })
    for (const [name, digest] of Object.entries(other))
      expect([name, digest]).not.toEqual([name, first[name]])
  })
})
