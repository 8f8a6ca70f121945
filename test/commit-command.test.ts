import { rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { workspace } from './workspace.js'

const space = workspace('commit')

async function must(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await space.run(args)
  expect(code, stderr).toBe(0)
  return stdout
}

interface Inspected {
  readonly Author?: string
  readonly Config: { readonly Cmd?: string[]; readonly Env?: string[] }
  readonly RootFS: { readonly Layers: string[] }
}

it('changed files of an image become a layer on top of it', async () => {
  space.folder('c', {
    Dockerfile: 'FROM scratch\nCOPY --chown=5:6 a b .dockerignore /d/\nCOPY .dockerignore /\nCMD ["old"]\n',
    a: 'a\n',
    b: 'b\n',
    '.dockerignore': 'nothing\n',
  })
  await must('build', '-t', 'base', '-o', 'files', 'c')
  writeFileSync(space.path('files/d/a'), 'other\n')
  // Whatever the clock says.
  utimesSync(space.path('files/d/a'), 1_600_000_000, 1_600_000_000)
  writeFileSync(space.path('files/d/nothing'), 'is not ignored\n')
  rmSync(space.path('files/d/b'))
  writeFileSync(space.path('files/nothing'), '')
  const id = await must(
    'commit',
    '-t',
    'made:1',
    '-m',
    'by hand',
    '-a',
    'me',
    '-c',
    'CMD ["new"]',
    '-c',
    'ENV A=b',
    'files',
    'base',
  )
  expect((await must('diff', 'base', 'made:1')).split('\n')).toEqual([
    'C /d/a (time, size 2 > 6, content)',
    'D /d/b',
    'A /d/nothing',
    'A /nothing',
    '',
  ])
  const [made] = JSON.parse(await must('inspect', 'made:1')) as [Inspected & { Id: string }]
  expect(made.Id).toBe(id.trim())
  expect(made.Author).toBe('me')
  expect(made.Config.Cmd).toEqual(['new'])
  expect(made.Config.Env).toContain('A=b')
  const [base] = JSON.parse(await must('inspect', 'base')) as [Inspected]
  expect(made.RootFS.Layers.slice(0, -1)).toEqual(base.RootFS.Layers)
  const history = await must('history', '--format', 'json', 'made:1')
  expect(
    history
      .split('\n')
      .slice(0, 3)
      .map((line) => line && (JSON.parse(line) as { CreatedBy: string }).CreatedBy),
  ).toEqual(['ENV A=b', 'CMD ["new"]', 'cooper commit'])
})

it('the same files make no change', async () => {
  space.folder('same', { Dockerfile: 'FROM scratch\nCOPY f /\n', f: 'x' })
  await must('build', '-t', 'same:1', '-o', 'type=tar,dest=same.tar', 'same')
  const { stdout, code, stderr } = await space.run(['commit', '-t', 'same:2', '-', 'same:1'], {
    stdin: (await import('node:fs')).readFileSync(join(space.root, 'same.tar')),
  })
  expect(code, stderr).toBe(0)
  expect(stdout).toMatch(/^sha256:/)
  expect(await must('diff', '--times', 'same:1', 'same:2')).toBe('')
})

it('what is no metadata is refused', async () => {
  space.folder('no', { Dockerfile: 'FROM scratch\nCOPY f /\n', f: 'x' })
  await must('build', '-t', 'no:1', '-o', 'no-files', 'no')
  for (const change of ['RUN x', 'WORKDIR /x', 'FROM scratch', 'COPY a /']) {
    const { code, stderr } = await space.run(['commit', '-c', change, 'no-files', 'no:1'])
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^error\[E_(?:COMMIT_CHANGE|DF_)/)])
  }
  const { stderr } = await space.run(['commit', '-c', 'ENV A=b', '-c', 'FOO x', 'no-files', 'no:1'])
  expect(stderr).toContain(': cannot use --change "FOO x": unknown instruction: FOO')
  expect(stderr).not.toMatch(/Dockerfile|line/i)
})
