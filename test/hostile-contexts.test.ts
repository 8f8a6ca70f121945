import { execFileSync } from 'node:child_process'
import { createReadStream, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isCooperageError, MemoryBlobStore } from '@cooperage/store'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tarContext } from '../packages/builder/src/context/tar-context.js'
import { sharedPath } from './shared.js'

const tool = sharedPath('tools/fixtures')
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hostile-contexts-'))
  if (tool) execFileSync(tool, ['hostile', join(folder, 'f'), '--scale', '0.05'], { stdio: 'ignore' })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.runIf(tool)(
  'archives made to do harm are taken as contexts or refused, as each expectation says',
  async () => {
    const wrong: string[] = []
    const names = readdirSync(join(folder, 'f')).filter((name) => /^\d+-.*\.tar(?:\.gz)?$/.test(name))
    expect(names.length).toBeGreaterThan(200)
    for (const name of names) {
      // Half a gigabyte of zeros is for a store with a disk.
      if (name.includes('gzip-bomb')) continue
      const expectation = join(folder, 'f', name.replace(/\.tar(?:\.gz)?$/, '.expected.json'))
      const { verdict, code } = JSON.parse(readFileSync(expectation, 'utf8')).context
      await using spool = new MemoryBlobStore()
      let found: string | undefined
      try {
        await tarContext(createReadStream(join(folder, 'f', name))).load({ spool })
      } catch (error) {
        found = isCooperageError(error) ? error.code : String(error)
      }
      const isRight =
        verdict === 'apply' ? found === undefined : verdict === 'either' || found?.startsWith('E_')
      if (!isRight || (found !== undefined && !found.startsWith('E_')))
        wrong.push(`${name}: ${found}, not ${verdict} ${code}`)
    }
    expect(wrong).toEqual([])
  },
)
