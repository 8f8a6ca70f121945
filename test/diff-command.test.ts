import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { workspace } from './workspace.js'

const space = workspace('diff')

it('two images are told apart path by path', async () => {
  const context = space.folder('c', {
    'one/same': 'same\n',
    'one/mode': 'x',
    'one/longer': 'x',
    'one/other': 'abc',
    'one/gone/a': '',
    'two/same': 'same\n',
    'two/mode': 'x',
    'two/longer': 'xy',
    'two/other': 'abd',
    'two/new\u001b[31m/b': '',
  })
  chmodSync(join(context, 'two/mode'), 0o600)
  for (const name of ['one', 'two']) {
    writeFileSync(
      join(context, 'Dockerfile'),
      `FROM scratch\nCOPY ${name} /\n${name === 'two' ? 'USER 5' : ''}\n`,
    )
    const { code, stderr } = await space.run(['build', '-t', name, 'c'])
    expect(code, stderr).toBe(0)
  }
  const { stdout, code } = await space.run(['diff', 'one', 'two'])
  expect(code).toBe(0)
  expect(stdout.split('\n')).toEqual([
    'D /gone/',
    'D /gone/a',
    'C /longer (size 1 > 2, content)',
    'C /mode (mode 644 > 600)',
    'A /new\\x1b[31m/',
    'A /new\\x1b[31m/b',
    'C /other (content)',
    '',
  ])
  expect((await space.run(['diff', 'two', 'two'])).stdout).toBe('')
  const json = (await space.run(['diff', '--format', 'json', 'two', 'one'])).stdout.split('\n').slice(0, -1)
  expect(json.map((line) => (JSON.parse(line) as { kind: string }).kind)).toEqual([
    'added',
    'added',
    'changed',
    'changed',
    'removed',
    'removed',
    'changed',
  ])
  const inspected = JSON.parse((await space.run(['inspect', 'one'])).stdout) as [
    { RootFS: { Layers: string[] } },
  ]
  const [layer] = inspected[0].RootFS.Layers
  expect((await space.run(['diff', layer!, 'one'])).stdout).toBe('')
  expect((await space.run(['diff', 'one', 'three'])).code).toBe(1)
})
