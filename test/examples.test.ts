import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cooper } from './cooper.js'

const root = fileURLToPath(new URL('..', import.meta.url))
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'examples-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function inTar(path: string, name: string): string {
  return execFileSync('tar', ['-xOf', path, name]).toString()
}

describe('examples/library-use', () => {
  it('builds its image, and finds every step known the second time', () => {
    const archive = join(folder, 'library.tar')
    const run = () =>
      execFileSync(process.execPath, ['examples/library-use/build.mjs', join(folder, 'store'), archive], {
        cwd: root,
      }).toString()
    expect(run()).toMatch(/2 layers, 0 of 2 steps were known/)
    expect(run()).toMatch(/2 layers, 2 of 2 steps were known/)
    const [image] = JSON.parse(inTar(archive, 'manifest.json'))
    expect(image.RepoTags).toEqual(['docker.io/library/library-use:1'])
    expect(JSON.parse(inTar(archive, image.Config)).config.Labels).toEqual({ greeting: 'hello' })
  })
})

describe('examples/web-app', () => {
  it('becomes an image with the application in it', async () => {
    const archive = join(folder, 'web.tar')
    const store = join(folder, 'store')
    const args = ['build', '--store', store, '-o', `type=docker,dest=${archive}`, 'examples/web-app']
    expect((await cooper(args, { cwd: root })).code).toBe(0)
    const [image] = JSON.parse(inTar(archive, 'manifest.json'))
    const { config } = JSON.parse(inTar(archive, image.Config))
    expect(config).toMatchObject({ Entrypoint: ['node', 'server.js'], User: '1000:1000', WorkingDir: '/app' })
    const files = join(folder, 'files')
    expect(
      (await cooper(['build', '--store', store, '-o', files, 'examples/web-app'], { cwd: root })).code,
    ).toBe(0)
    const listed = execFileSync('find', ['.', '-type', 'f'], { cwd: files }).toString().split('\n')
    expect(listed).toEqual(expect.arrayContaining(['./app/server.js', './app/public/index.html']))
  })
})
