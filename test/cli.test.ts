import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cooper, type Run, type RunOptions } from './cooper.js'

let home: string

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'cooper-cli-'))
})
afterAll(() => rm(home, { recursive: true, force: true }))

/** Runs the command with a store of its own for this file. */
function run(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  return cooper(args, { cwd: home, alone: true, ...options, env: { HOME: home, ...options.env } })
}

/** Makes a folder with these files and answers with its path. */
async function folder(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  const root = join(home, name)
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
  await mkdir(root, { recursive: true })
  return root
}

describe('the first view', () => {
  it('lists the commands when nothing is asked', async () => {
    const { code, stdout, stderr } = await run([])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain('Usage: cooper COMMAND [FLAGS]')
    expect(await run(['--help'])).toMatchObject({ code: 0, stdout })
    expect(await run(['help'])).toMatchObject({ code: 0, stdout })
  })

  it('explains a command', async () => {
    const { code, stdout } = await run(['build', '--help'])
    expect(code).toBe(0)
    expect(stdout).toContain('Usage: cooper build [FLAGS] [PATH…] or -')
    expect(stdout).toMatch(/^Known from docker; refused, or without effect here: --policy, /m)
    expect(await run(['help', 'build'])).toMatchObject({ code: 0, stdout })
    // Help is given also where the rest of the line would be wrong.
    expect(await run(['tag', '-h'])).toMatchObject({ code: 0 })
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(100)
  })

  it('shows the version, for people and as JSON', async () => {
    const { version } = JSON.parse(
      readFileSync(new URL('../packages/cli/package.json', import.meta.url), 'utf8'),
    ) as { version: string }
    expect((await run(['version'])).stdout).toMatch(new RegExp(`^cooper ${version} \\(Node `))
    expect((await run(['--version'])).stdout).toMatch(/^cooper /)
    expect(JSON.parse((await run(['version', '--format', 'json'])).stdout)).toMatchObject({ version })
  })

  it('is a program that can be run by its name', () => {
    const program = fileURLToPath(new URL('../packages/cli/bin/cooper.js', import.meta.url))
    expect(execFileSync(program, ['version'], { encoding: 'utf8' })).toMatch(/^cooper /)
  })

  it('loads neither store nor builder nor a dependency before a command needs it', () => {
    expect([...loadedAtStart('bin.ts')].sort()).toEqual(['@cooperage/store/errors'])
  })
})

describe('bad usage', () => {
  it.each([
    [['buld'], 'E_CLI', 'did you mean cooper build?'],
    [['--format', 'json'], 'E_CLI', 'see cooper --help'],
    [['images', '--frmat', 'json'], 'E_CLI', 'did you mean --format?'],
    [['images', 'a', 'b'], 'E_CLI', 'see cooper images --help'],
    [['images', '--format', '{{.ID}}'], 'E_CLI', 'choose one of table, json'],
    [['inspect'], 'E_CLI', 'see cooper inspect --help'],
    [['completion', 'tcsh'], 'E_CLI', 'choose one of bash, zsh, fish'],
    [['prune', '--grace', 'soon'], 'E_CLI', 'write it as 90s, 1h30m or 7d'],
    [['build', '--build-arg', '=x', '.'], 'E_CLI', 'write --build-arg NAME=VALUE'],
    [['build', '--label', '=x', '.'], 'E_CLI', 'write --label NAME=VALUE'],
    [['build', '--network=foo', '.'], 'E_CLI', 'choose one of default, none, host'],
    [['build', '--ulimit', 'nofile', '.'], 'E_CLI', undefined],
    [['build', '--secret', 'id=', '.'], 'E_SECRET_ID', 'write id=NAME,src=FILE or id=NAME,env=VARIABLE'],
    [['build', '--cache-from', 'type=x', '.'], 'E_CACHE_OPTION', 'types are registry, local and inline'],
    [['build', '--step-timeout', '0'], 'E_CLI', 'see cooper build --help'],
    [['build', '--jobs', '0'], 'E_CLI', undefined],
    [['build', '-f', '-', '.', '.'], 'E_CLI', undefined],
    [['build', '-f', '-', '-'], 'E_CLI', 'name a folder for the context, or a file for the Dockerfile'],
    [
      ['build', '-q', '-o', 'type=docker,dest=-', '.'],
      'E_CLI',
      'write outputs to files with dest=PATH, and the image ID with --iidfile',
    ],
    [
      ['build', 'ftp://example.invalid/x.git'],
      'E_CLI',
      'a context is a folder, a URL of http or https, or a git repository such as https://host/x.git',
    ],
  ])('cooper %j is %s', async (args, error, hint) => {
    const { code, stdout, stderr } = await run(args)
    expect(stderr).toMatch(new RegExp(`^error\\[${error}\\]: `))
    if (hint !== undefined) expect(stderr).toContain(`\n  hint: ${hint}\n`)
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).not.toMatch(/^ {4}at /m)
  })

  it('shows a stack only with --debug', async () => {
    const { stderr } = await run(['--debug', 'images', '--nope'])
    expect(stderr).toMatch(/^ {4}at /m)
  })

  it('of the configuration is shown with its line', async () => {
    const config = join(await folder('config', { 'c.toml': 'jobs = 2\nsotre = "x"\n' }), 'c.toml')
    const { code, stderr } = await run(['--config', config, 'images'])
    expect(code).toBe(1)
    expect(stderr).toContain(`${config}:2\n`)
    expect(stderr).toContain('   2 | >>> sotre = "x"\n')
    expect(stderr).toContain('hint: did you mean store?')
  })

  it('a missing HOME is told with the way out', async () => {
    const { code, stderr } = await run(['images'], { env: { HOME: undefined } })
    expect(code).toBe(1)
    expect(stderr).toContain('error[E_HOME]: neither XDG_DATA_HOME nor HOME is set')
  })
})

/** The packages that are imported, statically and as values, from one file of the command on. */
function loadedAtStart(entry: string): Set<string> {
  const source = fileURLToPath(new URL('../packages/cli/src/', import.meta.url))
  const packages = new Set<string>()
  const seen = new Set<string>()
  const visit = (path: string): void => {
    if (seen.has(path)) return
    seen.add(path)
    const text = readFileSync(path, 'utf8')
    for (const [, specifier] of text.matchAll(/^import (?!type\b)[^;'"]*?'([^']+)'/gm)) {
      if (specifier!.startsWith('.')) visit(resolve(dirname(path), specifier!.replace(/\.js$/, '.ts')))
      else if (!specifier!.startsWith('node:')) packages.add(specifier!)
    }
  }
  visit(join(source, entry))
  return packages
}
