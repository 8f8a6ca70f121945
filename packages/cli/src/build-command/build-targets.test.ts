import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildTargets } from './build-targets.js'
import { nameEach } from './name-each.js'

let root: string
beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'cooper-targets-')))
  for (const folder of ['services/web', 'services/api', 'odd/a[1]', 'docker']) {
    await mkdir(join(root, folder), { recursive: true })
  }
  for (const file of [
    'services/web/Dockerfile',
    'services/api/Dockerfile',
    'docker/api.Dockerfile',
    'docker/Dockerfile.web',
  ]) {
    await writeFile(join(root, file), 'FROM scratch\n')
  }
})
afterAll(() => rm(root, { recursive: true }))

test('without a path the working directory is built', async () => {
  expect(await buildTargets([], undefined)).toMatchObject([{ context: '.' }])
})

test('one path and a Dockerfile are taken as they are', async () => {
  expect(await buildTargets(['/ctx'], 'other')).toEqual([
    { name: 'ctx', context: '/ctx', dockerfile: 'other' },
  ])
})

test('a pattern of folders is one build each, in the order of their names', async () => {
  expect(await buildTargets([`${root}/services/*/`], undefined)).toEqual([
    { name: 'api', context: `${root}/services/api` },
    { name: 'web', context: `${root}/services/web` },
  ])
})

test('with several folders a relative Dockerfile is meant in each', async () => {
  const targets = await buildTargets([`${root}/services/api`, `${root}/services/web`], 'Other')
  expect(targets.map((target) => target.dockerfile)).toEqual([
    `${root}/services/api/Other`,
    `${root}/services/web/Other`,
  ])
})

test('a pattern of Dockerfiles builds each in its own folder', async () => {
  expect(await buildTargets([], `${root}/services/*/Dockerfile`)).toEqual([
    { name: 'api', context: `${root}/services/api`, dockerfile: `${root}/services/api/Dockerfile` },
    { name: 'web', context: `${root}/services/web`, dockerfile: `${root}/services/web/Dockerfile` },
  ])
})

test('a pattern of Dockerfiles with a path builds each from there, named after the file', async () => {
  expect(await buildTargets([root], `${root}/docker/*`)).toEqual([
    { name: 'web', context: root, dockerfile: `${root}/docker/Dockerfile.web` },
    { name: 'api', context: root, dockerfile: `${root}/docker/api.Dockerfile` },
  ])
})

test('a folder whose name looks like a pattern is that folder', async () => {
  expect(await buildTargets([`${root}/odd/a[1]`], undefined)).toEqual([
    { name: 'a[1]', context: `${root}/odd/a[1]` },
  ])
})

test('a pattern that matches nothing is an error', async () => {
  await expect(buildTargets([`${root}/none/*`], undefined)).rejects.toMatchObject({ code: 'E_CLI' })
})

test('{name} is filled in for each build', async () => {
  const targets = await buildTargets([`${root}/services/*`], undefined)
  expect(nameEach('tag', ['acme/{name}:1', '{name}'], targets)).toEqual([
    ['acme/api:1', 'api'],
    ['acme/web:1', 'web'],
  ])
})

test('two builds cannot have one tag', async () => {
  const targets = await buildTargets([`${root}/services/*`], undefined)
  expect(() => nameEach('tag', ['acme:1'], targets)).toThrow(
    expect.objectContaining({ code: 'E_CLI', hint: expect.stringContaining('{name}') }),
  )
})
