import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeDirectoryPath } from './make-directory-path.js'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'directories-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('a path of directories', () => {
  it('is made where it is missing, and left alone where it is there', async () => {
    const path = join(folder, 'a/b/c')
    for (let round = 0; round < 2; round++) {
      await makeDirectoryPath(path, 0o700)
      expect(statSync(path).mode & 0o777).toBe(0o700)
    }
    await makeDirectoryPath('/')
    await makeDirectoryPath('.')
  })

  it('may lead through links', async () => {
    mkdirSync(join(folder, 'real'))
    symlinkSync('real', join(folder, 'link'))
    await makeDirectoryPath(join(folder, 'link'))
    await makeDirectoryPath(join(folder, 'link/x/y'))
    expect(existsSync(join(folder, 'real/x/y'))).toBe(true)
  })

  it('ends where a file or a dangling link is in the way', async () => {
    const [file, link] = [join(folder, 'file'), join(folder, 'dangling')]
    writeFileSync(file, '')
    symlinkSync('nowhere', link)
    await expect(makeDirectoryPath(file)).rejects.toMatchObject({ code: 'EEXIST', path: file })
    await expect(makeDirectoryPath(join(file, 'x'))).rejects.toMatchObject({ code: 'ENOTDIR' })
    await expect(makeDirectoryPath(join(link, 'x'))).rejects.toMatchObject({ code: 'EEXIST', path: link })
  })

  it.runIf(existsSync('/proc/self'))('ends where the system makes no directory', async () => {
    for (const path of ['/proc/x', '/proc/x/y']) {
      await expect(makeDirectoryPath(path)).rejects.toMatchObject({ code: 'ENOENT', path: '/proc/x' })
    }
  })
})
