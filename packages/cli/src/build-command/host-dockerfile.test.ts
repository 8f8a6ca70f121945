import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hostDockerfile } from './host-dockerfile.js'

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'cooper-dockerfile-'))
  await mkdir(join(root, 'context/..odd'), { recursive: true })
  await writeFile(join(root, 'context/Dockerfile.dev'), 'FROM scratch\n')
  await writeFile(join(root, 'Other'), 'FROM scratch\n')
  await writeFile(join(root, 'Ignoring'), 'FROM scratch\n')
  await writeFile(join(root, 'Ignoring.dockerignore'), '*.log\n')
  execFileSync('mkfifo', [join(root, 'pipe')])
})
afterAll(() => rm(root, { recursive: true }))

test('one in the context is named by its path there', async () => {
  expect(await hostDockerfile(join(root, 'context'), join(root, 'context/sub/../Dockerfile.dev'))).toEqual({
    kind: 'inside',
    path: 'Dockerfile.dev',
  })
  expect(await hostDockerfile(join(root, 'context'), join(root, 'context/..odd/D'))).toEqual({
    kind: 'inside',
    path: '..odd/D',
  })
})

test('one elsewhere is read, with the ignore file beside it', async () => {
  expect(await hostDockerfile(join(root, 'context'), join(root, 'Other'))).toEqual({
    kind: 'outside',
    text: Buffer.from('FROM scratch\n'),
  })
  expect(await hostDockerfile(join(root, 'context'), join(root, 'Ignoring'))).toEqual({
    kind: 'outside',
    text: Buffer.from('FROM scratch\n'),
    ignore: Buffer.from('*.log\n'),
  })
})

test.each(['pipe', 'context'])('%s is not a file, and is not waited for', async (name) => {
  await expect(hostDockerfile(join(root, 'context/..odd'), join(root, name))).rejects.toMatchObject({
    code: 'E_DF_NOT_FILE',
  })
})

test('one that is missing here and is in the context is asked about', async () => {
  await expect(hostDockerfile(join(root, 'context'), 'Dockerfile.dev')).rejects.toMatchObject({
    code: 'E_DF_MISSING',
    hint: `--file is meant from the working directory: did you mean --file ${join(root, 'context/Dockerfile.dev')}?`,
  })
})
