// npm run demo: from a fresh clone to an image of examples/web-app that `docker load` takes, and a look into it.
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { build, install, root, step } from './steps.mjs'

const archive = 'demo-image.tar'
const tag = 'cooperage-demo:latest'
const example = join('examples', 'web-app')

function cooper(...args) {
  console.log(`\n$ cooper ${args.join(' ')}`)
  step(process.execPath, [join('packages', 'cli', 'dist', 'bin.js'), ...args])
}

install()
if (!existsSync(join(root, 'packages', 'cli', 'dist', 'bin.js'))) console.log('building the packages')
build()

cooper('build', '--tag', tag, '--output', `type=docker,dest=${archive}`, example)
cooper('inspect', tag)
cooper('history', tag)

const kilobytes = Math.ceil(statSync(join(root, archive)).size / 1024)
console.log(`
${archive} holds ${tag}, ${kilobytes} KiB, built with no daemon. To hand it to one:
  docker load --input ${archive}
  docker image inspect ${tag}
The image is built from scratch and holds the application without Node; with a base that has Node it starts by itself:
  node packages/cli/dist/bin.js build --build-arg BASE=node:24-slim --tag ${tag} --output type=docker,dest=${archive} ${example}`)
