// npm run demo: from a fresh clone to an image of examples/web-app that `docker load` takes, and a look into it.
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { build, install, root, step } from './steps.mjs'

const archive = 'demo-image.tar'
const tag = 'cooperage-demo:latest'
// Beside the checkout's other caches: the demonstration leaves your own store alone.
const store = ['--store', join('.cache', 'demo-store')]
const example = join('examples', 'web-app')

function cooper(...args) {
  console.log(`\n$ cooper ${args.join(' ')}`)
  step(process.execPath, [join('packages', 'cli', 'dist', 'bin.js'), ...args])
}

install()
if (!existsSync(join(root, 'packages', 'cli', 'dist', 'bin.js'))) console.log('building the packages')
build()

cooper('build', ...store, '--tag', tag, '--output', `type=docker,dest=${archive}`, example)
cooper('inspect', ...store, tag)
cooper('history', ...store, tag)

const kilobytes = Math.ceil(statSync(join(root, archive)).size / 1024)
console.log(`
${archive} holds ${tag}, ${kilobytes} KiB, built with no daemon. To hand it to one:
  docker load --input ${archive}
  docker image inspect ${tag}
The image is built from scratch and holds the application without Node. With a base that has Node it starts by itself; bring one as
an OCI layout (skopeo copy docker://docker.io/library/node:24-slim oci:node-layout:24-slim), then:
  node packages/cli/dist/bin.js build --build-arg BASE=node --build-context node=oci-layout://node-layout:24-slim ${example}`)
