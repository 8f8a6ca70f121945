import { execFile, execFileSync } from 'node:child_process'
import { chmodSync, existsSync, realpathSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { baseLayout } from './base-images.js'
import { isLong } from './long.js'
import { asUser, buildAt, likeDocker, PLACE_UID, type Place } from './places.js'
import { canMount, hasTool, rivalCommand } from './rival-tools.js'
import { workspace } from './workspace.js'

const space = workspace('run-real-places')
const debian = isLong ? baseLayout('debian', space) : undefined
const node = isLong ? baseLayout('debian-node', space) : undefined
const docker = rivalCommand()
const exec = promisify(execFile)
const MINUTES = 60_000
const TAGS: string[] = []
const isRoot = process.getuid?.() === 0

afterAll(async () => {
  if (docker !== undefined && TAGS.length > 0)
    await exec(docker[0], [...docker.slice(1), 'rmi', '-f', ...TAGS])
})

const PLACES: Readonly<Record<string, { readonly place: Place | undefined; readonly apt?: string }>> = {
  'an ordinary user with subordinate ids': {
    place:
      isRoot && canMount() && hasTool('newuidmap') ? asUser(space, `${PLACE_UID}:100000:65536\n`) : undefined,
  },
  // apt gives up its rights before it fetches, for which there is nobody.
  'an ordinary user without': {
    place: isRoot && canMount() ? asUser(space, '') : undefined,
    apt: '-o APT::Sandbox::User=root',
  },
  'root with the privileges of a container of Docker': { place: isRoot ? likeDocker() : undefined },
}

async function buildAndRun(name: string, place: Place, args: readonly string[]): Promise<string> {
  const bases = Object.entries({ debian, 'debian-node': node }).flatMap(([base, path]) =>
    path === undefined ? [] : ['--build-context', `${base}=oci-layout://${path}`],
  )
  const tag = `cooper-place-${process.pid}-${name}:1`
  const home = `home-${name}`
  const archive = space.path(`${home}/tmp/image.tar`)
  const line = ['--progress=plain', '-t', tag, '-o', `type=docker,dest=${archive}`, ...bases, ...args]
  const { status, stderr } = buildAt(space, home, { place, args: line })
  expect([status, status === 0 ? '' : stderr.slice(-4000)]).toEqual([0, ''])
  const [command, ...first] = docker!
  const run = (...more: string[]) => exec(command, [...first, ...more], { maxBuffer: 16 << 20 })
  await run('load', '-i', archive)
  TAGS.push(tag)
  return (await run('run', '--rm', '--network', 'none', tag)).stdout
}

const npm = (() => {
  try {
    const path = dirname(dirname(realpathSync(execFileSync('which', ['npm'], { encoding: 'utf8' }).trim())))
    return existsSync(join(path, 'bin/npm-cli.js')) ? path : undefined
  } catch {
    return undefined
  }
})()

if (!isLong) {
  console.log('skipped: the places where RUN is built, COOPERAGE_LONG=1')
  // Hooks of a file whose tests all skip are not called.
  rmSync(space.root, { recursive: true })
}

describe.skipIf(
  !isLong || debian === undefined || node === undefined || docker === undefined || npm === undefined,
)('real images that Docker runs are built by', () => {
  it.each(
    Object.entries(PLACES).map(([who, { place, apt }], index) => [who, { place, apt, index }] as const),
  )(
    '%s: packages, a program compiled from C, an application of Node',
    async (_, { place, apt = '', index }) => {
      if (place === undefined) {
        console.log('skipped: no such place can be made here')
        return
      }
      space.folder(`c-${index}`, {
        'main.c': '#include <stdio.h>\nint main(void) { puts("cask"); return 0; }\n',
        Dockerfile: `FROM debian
RUN apt-get ${apt} update && apt-get ${apt} install -y --no-install-recommends tcc libc6-dev hello && hello
COPY main.c /src/
RUN tcc -o /bin/program /src/main.c && program
CMD ["sh", "-c", "hello && program"]
`,
      })
      const library = space.folder(`library-${index}`, {
        'package.json': '{ "name": "staves", "version": "1.2.3", "main": "index.js" }',
        'index.js': 'exports.count = (n) => `${n} staves`\n',
      })
      const app = space.folder(`app-${index}`, {
        'package.json': '{ "name": "app", "version": "1.0.0", "private": true }',
        'main.js': "console.log(require('staves').count(7))\n",
        Dockerfile: `FROM debian-node AS build
WORKDIR /app
COPY package*.json staves-1.2.3.tgz ./
COPY --from=npm . /npm
RUN node /npm/bin/npm-cli.js ci --no-audit --no-fund
FROM debian-node
COPY main.js /app/
COPY --from=build /app/node_modules /app/node_modules
CMD ["node", "/app/main.js"]
`,
      })
      const env = { PATH: process.env.PATH, HOME: space.root }
      execFileSync('npm', ['pack', library, '--pack-destination', app], { cwd: app, env, stdio: 'ignore' })
      const install = ['install', '--package-lock-only', '--offline', './staves-1.2.3.tgz']
      execFileSync('npm', install, { cwd: app, env, stdio: 'ignore' })
      chmodSync(join(app, 'package-lock.json'), 0o644)
      chmodSync(join(app, 'staves-1.2.3.tgz'), 0o644)

      // The small compiler: that of run-real-builds takes longer to install than all else here.
      const context = space.path(`c-${index}`)
      expect(await buildAndRun(`c-${index}`, place, [context])).toBe('Hello, world!\ncask\n')
      const named = ['--build-context', `npm=${npm}`, '--no-cache', app]
      expect(await buildAndRun(`app-${index}`, place, named)).toBe('7 staves\n')
    },
    10 * MINUTES,
  )
})
