import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore } from '@cooperage/store'
import { expect, it, onTestFinished } from 'vitest'
import { build } from '../build.js'
import { memory } from '../context/memory.js'

it('a cache that cannot be written costs a warning, not the build', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'step-layer-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await using store = await openStore({ path: join(folder, 'store') })
  await mkdir(join(folder, 'store/records'), { recursive: true })
  await writeFile(join(folder, 'store/records/step'), 'in the way')
  const context = memory({ Dockerfile: 'FROM scratch\nCOPY a /\n', a: 'a' })
  const run = build({ store, context, sourceDateEpoch: 1 })
  const warnings: string[] = []
  for await (const event of run) if (event.type === 'warning') warnings.push(event.rule)
  expect((await run).stats).toMatchObject({ steps: 1, cached: 0 })
  expect(warnings).toEqual(['CacheNotSaved'])
})
