import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, memory } from '@cooperage/builder'
import { openStore } from '@cooperage/store'
import { expect, test } from 'vitest'
import { workspace } from './workspace.js'

const space = workspace('source-variables')

const DOCKERFILE = `ARG FLAVOR=plain
FROM scratch AS plain
COPY plain.txt /flavor.txt
FROM scratch AS rich
COPY rich.txt /flavor.txt
FROM scratch
COPY --from=$FLAVOR /flavor.txt /
`

/** Builds and writes the files of the image to a folder of that name. */
async function flavor(name: string, dockerfile: string, buildArgs: Readonly<Record<string, string>> = {}) {
  const context = memory({ Dockerfile: dockerfile, 'plain.txt': 'plain\n', 'rich.txt': 'rich\n' })
  await using store = await openStore({ path: space.path('store') })
  const { imageId, stats, warnings } = await build({
    store,
    context,
    buildArgs,
    outputs: [{ kind: 'local', destination: space.path(name) }],
  })
  const rules = warnings.map(({ rule }) => rule)
  return {
    imageId,
    steps: stats.steps,
    rules,
    text: readFileSync(join(space.path(name), 'flavor.txt'), 'utf8'),
  }
}

test('a build takes files from the stage that an argument names, and makes that stage alone', async () => {
  const plain = await flavor('plain', DOCKERFILE)
  expect(plain).toMatchObject({ text: 'plain\n', steps: 2, rules: ['NotPortable'] })
  const rich = await flavor('rich', DOCKERFILE, { FLAVOR: 'rich' })
  expect(rich).toMatchObject({ text: 'rich\n', steps: 2, rules: ['NotPortable'] })
  const named = await flavor('named', DOCKERFILE.replace('$FLAVOR', 'rich'))
  expect(named).toMatchObject({ imageId: rich.imageId, rules: [] })
})
