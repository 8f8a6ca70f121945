import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseLine } from '../flags/parse.js'
import { SHARED_FLAGS } from '../flags/shared-flags.js'
import { COMMANDS } from '../flags/table.js'
import { resolveSettings, type Settings } from './settings.js'

const images = COMMANDS.find((command) => command.name === 'images')!
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cooper-settings-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function settings(text: string | undefined, env = {}, args: string[] = []): Promise<Settings> {
  const file = join(folder, 'config.toml')
  if (text !== undefined) await writeFile(file, text)
  const config = text === undefined ? [] : ['--config', file]
  return resolveSettings(parseLine(images, SHARED_FLAGS, [...config, ...args]).values, {
    HOME: '/home/x',
    ...env,
  })
}

describe('the store', () => {
  test('is among the data of the user unless something says otherwise', async () => {
    expect((await settings(undefined)).store).toBe('/home/x/.local/share/cooperage')
  })

  test('is what the flag says, else the environment, else the file', async () => {
    const env = { COOPERAGE_STORE: '/env' }
    expect((await settings('store = "/file"', env, ['--store', '/flag'])).store).toBe('/flag')
    expect((await settings('store = "/file"', env)).store).toBe('/env')
    expect((await settings('store = "/file"')).store).toBe('/file')
  })

  test('of the file is meant from the folder of the file', async () => {
    expect((await settings('store = "here"')).store).toBe(join(folder, 'here'))
  })

  test('needs no HOME where it is named', async () => {
    expect((await settings(undefined, { HOME: undefined, COOPERAGE_STORE: '/s' })).store).toBe('/s')
    await expect(settings(undefined, { HOME: undefined })).rejects.toMatchObject({ code: 'E_HOME' })
  })
})

test('every key of the file is read', async () => {
  expect(await settings('durability = "none"\nprogress = "plain"\njobs = 3\nstore = "/s"')).toEqual({
    store: '/s',
    durability: 'none',
    progress: 'plain',
    jobs: 3,
  })
})

test('BUILDKIT_PROGRESS wins over the file, and none means quiet', async () => {
  expect((await settings('progress = "plain"', { BUILDKIT_PROGRESS: 'none' })).progress).toBe('quiet')
  await expect(settings(undefined, { BUILDKIT_PROGRESS: 'x' })).rejects.toMatchObject({ code: 'E_CLI' })
})

describe('a wrong file', () => {
  test.each([
    ['sotre = "/s"', 'unknown key "sotre" in the configuration', 1],
    ['\njobs = 0', 'the key jobs must be a whole number from 1 to 1024', 2],
    ['jobs = "4"', 'the key jobs must be a whole number from 1 to 1024', 1],
    ['durability = "some"', 'the key durability must be one of full, none', 1],
    ['progress = 1', 'the key progress must be one of auto, tty, plain, rawjson, quiet', 1],
    ['store = ""', 'the key store must be the path of a folder', 1],
    ['jobs = 1\nstore = [', 'the configuration is not TOML', 2],
  ])('%j', async (text, message, line) => {
    await expect(settings(text)).rejects.toMatchObject({ code: 'E_CONFIG_FILE', message, location: { line } })
  })

  test('an unknown key that is nearly one of ours is guessed', async () => {
    await expect(settings('sotre = "/s"')).rejects.toMatchObject({ hint: 'did you mean store?' })
  })

  test('a key of every object stays unknown', async () => {
    await expect(settings('constructor = 1')).rejects.toMatchObject({ code: 'E_CONFIG_FILE' })
    await expect(settings('__proto__ = 1')).rejects.toMatchObject({ code: 'E_CONFIG_FILE' })
  })

  test('one that was named and is not there is an error', async () => {
    await expect(settings(undefined, {}, ['--config', '/nonexistent/x'])).rejects.toMatchObject({
      code: 'E_CONFIG_FILE',
    })
  })

  test('an endless one is not read to its end', async () => {
    await expect(settings(undefined, {}, ['--config', '/dev/zero'])).rejects.toMatchObject({
      code: 'E_LIMIT',
    })
  })
})
