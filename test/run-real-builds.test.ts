import { execFile, execFileSync } from 'node:child_process'
import { existsSync, realpathSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { baseLayout } from './base-images.js'
import { rivalCommand } from './rival-tools.js'
import { runExecutor } from './run-executor.js'
import { workspace } from './workspace.js'

const space = workspace('run-real')
const debian = baseLayout('debian', space)
const node = baseLayout('debian-node', space)
const executor = await runExecutor(space)
const docker = rivalCommand()
const exec = promisify(execFile)
const MINUTES = 60_000
const TAGS: string[] = []

afterAll(async () => {
  if (docker !== undefined && TAGS.length > 0)
    await exec(docker[0], [...docker.slice(1), 'rmi', '-f', ...TAGS])
})

async function build(name: string, args: readonly string[]) {
  const bases = Object.entries({ debian, 'debian-node': node }).flatMap(([base, path]) =>
    path === undefined ? [] : ['--build-context', `${base}=oci-layout://${path}`],
  )
  const tag = `cooper-real-${process.pid}-${name}:1`
  const line = ['build', '--progress=plain', '-t', tag, '-o', `type=docker,dest=${name}.tar`]
  const { code, stderr } = await space.run([...line, ...bases, ...args, name])
  expect(code, stderr.slice(-4000)).toBe(0)
  return { tag, stderr }
}

/** What Docker makes of the image. */
async function runInDocker(name: string, tag: string, ...args: string[]): Promise<string> {
  const [command, ...first] = docker!
  const run = (...more: string[]) => exec(command, [...first, ...more], { maxBuffer: 16 << 20 })
  await run('load', '-i', space.path(`${name}.tar`))
  TAGS.push(tag)
  return (await run('run', '--rm', '--network', 'none', tag, ...args)).stdout
}

/** Whether packages of the base's distribution can be had from a step. */
async function hasPackages(): Promise<boolean> {
  if (debian === undefined || executor === undefined || docker === undefined) return false
  space.folder('update', { Dockerfile: 'FROM debian\nRUN apt-get update\n' })
  const { code } = await space.run(['build', '--build-context', `debian=oci-layout://${debian}`, 'update'])
  if (code !== 0) console.log('skipped: no package of the distribution can be fetched from a step')
  return code === 0
}

const packages = await hasPackages()

describe.skipIf(!packages)('packages of a distribution', () => {
  it(
    'are installed in a step, and work in Docker',
    async () => {
      space.folder('apt', {
        Dockerfile: `FROM debian
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked --mount=type=cache,target=/var/lib/apt,sharing=locked \\
    apt-get update && apt-get install -y --no-install-recommends hello libcap2-bin iputils-ping && getcap /bin/ping > /before
RUN setcap cap_net_bind_service=ep /usr/bin/hello && useradd -m alice
USER alice
RUN hello > ~/said && id -un >> ~/said
CMD ["sh", "-c", "cat ~/said /before; hello -g again; getcap /usr/bin/hello /bin/ping; ls /var/lib/apt/lists | grep -c Packages || :"]
`,
      })
      const { tag } = await build('apt', [])
      expect(await runInDocker('apt', tag)).toBe(
        'Hello, world!\nalice\n/bin/ping cap_net_raw=ep\nagain\n/usr/bin/hello cap_net_bind_service=ep\n/bin/ping cap_net_raw=ep\n0\n',
      )
    },
    10 * MINUTES,
  )

  it(
    'compile a program that runs alone',
    async () => {
      space.folder('c', {
        'main.c':
          '#include <stdio.h>\nint main(int argc, char **argv) { printf("%s of %d\\n", NAME, argc); return 0; }\n',
        Dockerfile: `FROM debian AS build
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev
ARG NAME=program
RUN --mount=target=/src gcc -static -O2 -DNAME="\\"$NAME\\"" -o /out /src/main.c && strip /out
FROM scratch
COPY --from=build /out /bin/program
ENTRYPOINT ["/bin/program"]
`,
      })
      const { tag } = await build('c', ['--build-arg', 'NAME=cask'])
      expect(await runInDocker('c', tag, 'a', 'b')).toBe('cask of 3\n')
      // A change of the source alone installs nothing again.
      writeFileSync(space.path('c/main.c'), '#include <stdio.h>\nint main(void) { puts(NAME); return 0; }\n')
      const again = await build('c', ['--build-arg', 'NAME=cask'])
      expect(again.stderr).toMatch(/RUN apt-get update[\s\S]*?CACHED/)
      expect(await runInDocker('c', again.tag)).toBe('cask\n')
    },
    10 * MINUTES,
  )
})

const npm = (() => {
  try {
    const path = dirname(dirname(realpathSync(execFileSync('which', ['npm'], { encoding: 'utf8' }).trim())))
    return existsSync(join(path, 'bin/npm-cli.js')) ? path : undefined
  } catch {
    return undefined
  }
})()

describe.skipIf(node === undefined || executor === undefined || docker === undefined || npm === undefined)(
  'an application of Node',
  () => {
    it(
      'is installed from its lock file in one stage, and runs in a slim one',
      async () => {
        const library = space.folder('library', {
          'package.json': '{ "name": "staves", "version": "1.2.3", "main": "index.js" }',
          'index.js': 'exports.count = (n) => `${n} staves`\n',
        })
        const app = space.folder('app', {
          'package.json':
            '{ "name": "app", "version": "1.0.0", "private": true, "scripts": { "build": "node build.js" } }',
          'build.js':
            "require('fs').writeFileSync('dist.js', `console.log(${JSON.stringify(require('staves').count(7))}, process.version.split('.')[0])`)\n",
          '.dockerignore': 'node_modules\n',
          Dockerfile: `FROM debian-node AS build
WORKDIR /app
COPY package*.json staves-1.2.3.tgz ./
RUN --mount=from=npm,target=/npm --mount=type=cache,target=/root/.npm node /npm/bin/npm-cli.js ci --no-audit --no-fund
COPY . .
RUN --mount=from=npm,target=/npm node /npm/bin/npm-cli.js run build
FROM debian-node
ENV NODE_ENV=production
COPY --from=build /app/dist.js /app/
COPY --from=build /app/node_modules /app/node_modules
USER 1000
CMD ["node", "/app/dist.js"]
`,
        })
        const env = { PATH: process.env.PATH, HOME: space.root }
        execFileSync('npm', ['pack', library, '--pack-destination', app], { cwd: app, env, stdio: 'ignore' })
        const install = ['install', '--package-lock-only', '--offline', './staves-1.2.3.tgz']
        execFileSync('npm', install, { cwd: app, env, stdio: 'ignore' })
        const { tag } = await build('app', ['--build-context', `npm=${npm}`, '--network=none'])
        expect(await runInDocker('app', tag)).toMatch(/^7 staves v\d+\n$/)
        const listed = await runInDocker('app', tag, 'ls', '/', '/app', '/app/node_modules')
        expect(listed).not.toMatch(/^npm$/m)
        expect(listed).toContain('staves')
      },
      10 * MINUTES,
    )
  },
)
