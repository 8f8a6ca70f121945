import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseLine } from '../flags/parse.js'
import { SHARED_FLAGS } from '../flags/shared-flags.js'
import { COMMANDS } from '../flags/table.js'
import { resolveSettings } from '../settings/settings.js'
import { type AllRules, registryRules } from './registry-rules.js'

const images = COMMANDS.find((command) => command.name === 'images')!
let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'cooper-rules-'))
})
afterEach(() => rmSync(home, { recursive: true }))

function file(path: string, text: string): string {
  const full = join(home, path)
  mkdirSync(dirname(full), { recursive: true })
  writeFileSync(full, text)
  return full
}

/** As a command reads them; podman's own file on this machine is kept out by one in HOME. */
async function read(config = '', env: Record<string, string> = {}): Promise<AllRules> {
  const args = ['--config', file('config.toml', config)]
  const settings = await resolveSettings(parseLine(images, SHARED_FLAGS, args).values, { HOME: home })
  return registryRules(settings, { HOME: home, ...env })
}

const prefixes = ({ lists }: AllRules) => lists.map((rules) => rules.map(({ prefix }) => prefix))

describe('the rules of a machine', () => {
  test('are ours first, then those of registries.conf and its drop-ins in the order of their names', async () => {
    file(
      '.config/containers/registries.conf',
      '[[registry]]\nprefix = "a.io"\n[aliases]\nx = "a.io/x"\ny = "a.io/y"\n',
    )
    file('.config/containers/registries.conf.d/20.conf', '[aliases]\nx = "b.io/x"\n')
    file(
      '.config/containers/registries.conf.d/10.conf',
      '[[registry]]\nprefix = "b.io"\n[aliases]\nx = "c.io/x"\n',
    )
    file('.config/containers/registries.conf.d/README', 'not TOML')
    const rules = await read('[[registry]]\nprefix = "own.io"\ninsecure = true\n[aliases]\ny = "own.io/y"\n')
    expect(prefixes(rules)).toEqual([['own.io'], ['a.io', 'b.io']])
    expect(Object.fromEntries(await rules.aliases())).toEqual({ x: 'b.io/x', y: 'own.io/y' })
    expect(prefixes(await read('registries-conf = false'))).toEqual([[], []])
  })

  test('are read of every file that may hold some, and names when one is asked for', async () => {
    const conf = (number: number, text: string) =>
      file(`.config/containers/registries.conf.d/${number}.conf`, text)
    file('.config/containers/registries.conf', '# nothing is told\n')
    conf(1, '# names\n\n  [ aliases ] # of ours\n"a" = "a.io/a"\n')
    conf(2, '[aliases]\nb = "b.io/b"\n  [[registry]]\nprefix = "b.io"\n')
    conf(3, 'registry = [{ prefix = "c.io" }]\n[aliases]\nc = "c.io/c"\n')
    conf(4, '[aliases]\nd = "d.io/d"\n["registry"]\n')
    await expect(read()).rejects.toMatchObject({ code: 'E_CONFIG_FILE' })
    conf(4, '[aliases]\nd = d.io\n')
    const rules = await read()
    expect(prefixes(rules)).toEqual([[], ['b.io', 'c.io']])
    await expect(rules.aliases()).rejects.toMatchObject({ code: 'E_CONFIG_FILE', location: { line: 2 } })
    conf(4, '[aliases]\nd = "d.io/d"\n')
    expect(Object.keys(Object.fromEntries(await (await read()).aliases()))).toEqual(['a', 'b', 'c', 'd'])
  })

  test('come from the file that a variable names', async () => {
    const named = file('named.conf', '[[registry]]\nprefix = "named.io"\n')
    file('.config/containers/registries.conf.d/own.conf', '[[registry]]\nprefix = "own.io"\n')
    const [, theirs = []] = prefixes(await read('', { CONTAINERS_REGISTRIES_CONF: named }))
    expect([theirs[0], theirs.at(-1)]).toEqual(['named.io', 'own.io'])
    await expect(read('', { CONTAINERS_REGISTRIES_CONF: join(home, 'none') })).rejects.toMatchObject({
      code: 'E_CONFIG_FILE',
      hint: expect.stringContaining('CONTAINERS_REGISTRIES_CONF'),
    })
  })

  test.each([
    ['[[registry]]\nprefix = "a.io"\n\n[[registry]]\nmirror = 5\n', 4, 'neither prefix nor location'],
    [
      '[[registry]]\nprefix = "a.io"\n[[registry.mirror]]\nlocation = "b.io"\nisecure = true\n',
      1,
      'isecure is unknown',
    ],
    ['jobs = 1\n[aliases]\ngood = "a.io/b"\n"bad" = "b"\n', 4, 'aliases.bad leads to'],
    [
      '[[registry]]\nprefix = "a.io"\n[[registry]]\nlocation = "b.io:99999"\n',
      3,
      'names b.io:99999, which can be no host',
    ],
    ['registry = 5\n', 1, 'the key registry must be a list of tables'],
    ['[registries.search]\nregistries = []\n', 1, 'unknown key "registries"'],
  ])('%j is refused with its line', async (config, line, message) => {
    await expect(read(config)).rejects.toMatchObject({
      code: 'E_CONFIG_FILE',
      message: expect.stringContaining(message),
      location: { line },
    })
  })

  test('of a broken registries.conf are refused with its name', async () => {
    const path = file('.config/containers/registries.conf', '\n[registries.search]\nregistries = []\n')
    await expect(read()).rejects.toMatchObject({ code: 'E_CONFIG_FILE', location: { file: path } })
    file('.config/containers/registries.conf', 'x = [')
    await expect(read()).rejects.toMatchObject({
      message: 'the configuration is not TOML',
      location: { file: path },
    })
  })
})
