import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseOutput } from '@cooperage/builder'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkFiles } from './check-files.js'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'check-files-'))
  mkdirSync(join(folder, 'real'))
  symlinkSync('real', join(folder, 'link'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Of one build; `DIR` stands for the folder. */
function check(outputs: readonly string[], files: { iidFile?: string; metadataFile?: string } = {}) {
  const here = (text: string) => text.replace('DIR', folder)
  const named = Object.entries(files).map(([flag, path]) => [flag, here(path)])
  return checkFiles([
    { outputs: outputs.map((text) => parseOutput(here(text))), ...Object.fromEntries(named) },
  ])
}

describe('the files of a command', () => {
  it.each([
    [['type=oci,dest=DIR/a', 'type=docker,dest=DIR/x/../a'], {}, 'two of --output'],
    [['type=tar,dest=DIR/real/a', 'type=tar,dest=DIR/link/a'], {}, 'two of --output'],
    [['type=local,dest=DIR/a', 'type=tar,dest=DIR/a'], {}, 'two of --output'],
    [['type=tar,dest=DIR/a'], { iidFile: 'DIR/a' }, '--output and --iidfile'],
    [['type=tar,dest=DIR/a'], { metadataFile: 'DIR/a' }, '--output and --metadata-file'],
    [[], { iidFile: 'DIR/a', metadataFile: 'DIR/a' }, '--iidfile and --metadata-file'],
  ])('%j %j are refused', async (outputs, files, who) => {
    await expect(check(outputs, files)).rejects.toMatchObject({
      code: 'E_CLI',
      message: expect.stringContaining(`${who} would write to "${folder}/`),
    })
  })

  it.each([
    [['type=local,dest=DIR/a', 'type=local,dest=DIR/a', 'type=oci,tar=false,dest=DIR/a'], {}],
    [['type=tar,dest=DIR/a', 'type=tar,dest=DIR/b'], { iidFile: 'DIR/c', metadataFile: 'DIR/d' }],
    [['type=tar,dest=/dev/null'], { iidFile: '/dev/null' }],
    [['-', 'type=cacheonly', 'type=image,name=a', 'type=image,name=a'], {}],
  ])('%j %j go together', async (outputs, files) => {
    await check(outputs, files)
  })

  it('are those of all its builds', async () => {
    const path = join(folder, 'a')
    const builds = [{ outputs: [parseOutput(`type=tar,dest=${path}`)] }, { outputs: [], iidFile: path }]
    await expect(checkFiles(builds)).rejects.toMatchObject({ code: 'E_CLI' })
  })
})
