// Builds an image from files in memory, with no Dockerfile on disk, and tells what happens meanwhile.
//   node examples/library-use/build.mjs STORE OUTPUT.tar
import { build, memory, parseOutput } from '@cooperage/builder'
import { openStore } from '@cooperage/store'

const [path = '.cooperage', archive = 'hello-image.tar'] = process.argv.slice(2)
const store = await openStore({ path })
try {
  const run = build({
    store,
    context: memory({
      Dockerfile: 'FROM scratch\nARG GREETING\nLABEL greeting=$GREETING\nWORKDIR /srv\nCOPY *.txt ./\n',
      'hello.txt': 'hello\n',
      'bye.txt': { content: 'bye\n', mode: 0o600 },
    }),
    buildArgs: { GREETING: 'hello' },
    tags: ['library-use:1'],
    outputs: [parseOutput(`type=docker,dest=${archive}`)],
  })
  for await (const event of run) {
    if (event.type === 'step.start') console.log(event.name)
    if (event.type === 'warning') console.log(`warning: ${event.message}`)
  }
  const { imageId, config, stats } = await run
  console.log(
    `${imageId}: ${config.rootfs.diff_ids.length} layers, ${stats.cached} of ${stats.steps} steps were known`,
  )
} finally {
  await store[Symbol.asyncDispose]()
}
