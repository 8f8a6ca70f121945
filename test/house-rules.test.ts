import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/[/\\]$/, '')
const packages = ['store', 'builder', 'cli'] as const

/** All that reaches users at run time and is not ours. docs/dependencies.md gives each one's reason. */
const dependencies = {
  store: ['fzstd', 'xxhash-wasm'],
  builder: ['ignore'],
  // The bundle of the command holds the other two, so what they need is the command's own need.
  cli: ['@iarna/toml', 'fast-glob', 'fzstd', 'ignore', 'xxhash-wasm'],
}

/** What each package may import of ours: never a package to its right. */
const below = { store: [], builder: ['store'], cli: ['store', 'builder'] } as Record<string, string[]>

interface Source {
  readonly path: string
  readonly text: string
}

const files = trackedAndNew()
const sources = files
  .filter((path) => /^packages\/[^/]+\/src\/.*\.ts$/.test(path))
  .map((path): Source => ({ path, text: read(path) }))
const product = sources.filter(({ path }) => !path.endsWith('.test.ts') && !path.includes('/src/testing/'))

describe('the packages', () => {
  for (const name of packages) {
    it(`${name} imports only Node, its own files, its dependencies and the packages below it`, () => {
      const allowed = new Set([
        ...dependencies[name],
        ...(below[name] ?? []).map((other) => `@cooperage/${other}`),
      ])
      const source = join(root, 'packages', name, 'src')
      const strangers = product
        .filter(({ path }) => path.startsWith(`packages/${name}/`))
        .flatMap(({ path, text }) => importsOf(text).map((specifier) => ({ path, specifier })))
        .filter(({ path, specifier }) => {
          if (specifier.startsWith('node:')) return false
          if (!specifier.startsWith('.')) return !allowed.has(packageOf(specifier))
          return !resolve(root, dirname(path), specifier).startsWith(source)
        })
      expect(strangers).toEqual([])
    })
  }

  it('depend at run time on what docs/dependencies.md explains, and on nothing else', () => {
    const explained = read('docs/dependencies.md')
    for (const name of packages) {
      const manifest = JSON.parse(read(`packages/${name}/package.json`)) as Record<
        string,
        Record<string, string>
      >
      const found = ['dependencies', 'optionalDependencies', 'peerDependencies', 'bundleDependencies']
        .flatMap((kind) => Object.keys(manifest[kind] ?? {}))
        .filter((dependency) => !dependency.startsWith('@cooperage/'))
      expect(found.sort(), name).toEqual([...dependencies[name]].sort())
      for (const dependency of found) expect(explained).toContain(`### ${dependency}`)
    }
  })

  it('carry the licence of the repository', () => {
    const licence = read('LICENSE')
    for (const name of packages) {
      expect(JSON.parse(read(`packages/${name}/package.json`))).toMatchObject({ license: 'Apache-2.0' })
      expect(read(`packages/${name}/LICENSE`)).toBe(licence)
    }
  })

  it('export at run time the names that the reports in etc/ show', async () => {
    const matches = (report: string, pattern: RegExp) =>
      [...read(`etc/${report}.api.md`).matchAll(pattern)].map(([, name]) => name ?? '')
    const shown = (report: string, entry: object) =>
      [
        ...matches(report, /^export (?:abstract )?(?:async )?(?:function|class|const) (\w+)/gm),
        // What is handed on from another package; types among it have no value.
        ...matches(report, /^export \{ (\w+) \}/gm).filter((name) => name in entry),
      ].sort()
    const unique = (names: unknown[]) => [...new Set(names)]
    for (const name of packages) {
      const entry = (await import(`../packages/${name}/src/index.ts`)) as Record<string, unknown>
      expect(unique(shown(name, entry)), `${name}: npm run api renews the report`).toEqual(
        Object.keys(entry).sort(),
      )
    }
  })
})

describe('the sources', () => {
  it('have a median under 120 lines', () => {
    const counts = product.map(({ text }) => lines(text)).sort((a, b) => a - b)
    expect(counts[Math.floor(counts.length / 2)]).toBeLessThan(120)
  })

  it('keep the wire types free of imports', () => {
    expect(importsOf(read('packages/store/src/image/types.ts'))).toEqual([])
  })

  // Each ban: what to look for, why, and the files or folders that may, each with its reason.
  const bans: readonly { ban: string; pattern: RegExp; except: Record<string, string> }[] = [
    {
      // As UTF-8, a name that is not comes back as U+FFFD and can no longer be opened.
      ban: 'list a directory without asking for the bytes of its names',
      pattern: /\b(?:readdir|readdirSync|opendir|opendirSync)\((?![^\n]*'(?:buffer|latin1)')/,
      except: {
        'packages/store/src/blobs/': 'the store gave every name in its folders: hexadecimal and counters',
        'packages/builder/src/run/sandbox/init/': 'a program in perl, whose readdir gives bytes',
      },
    },
    {
      // The global fetch undoes Content-Encoding unasked, so a digest is taken of other bytes, and it knows no proxy.
      ban: 'call the global fetch outside the transport',
      pattern: /(?<![.\w])fetch\(|globalThis\.fetch\b/,
      except: {},
    },
    {
      ban: 'hand a string to a shell',
      pattern: /import[^;]*?\b(?:exec|execSync)\b[^;]*?from 'node:child_process'|\bshell: true\b/,
      except: {},
    },
    {
      // fs.cp follows links into what it copies to and loses owners, sparse ranges and extended attributes.
      ban: 'copy a tree with fs.cp',
      pattern: /(?<![.\w])cp(?:Sync)?\(|\bfs(?:p|\.promises)?\.cp(?:Sync)?\(/,
      except: {},
    },
    {
      ban: 'print from library code',
      pattern: /\bprocess\.(?:stdout|stderr)\b/,
      except: {
        'packages/cli/src/': 'the command is the one place that prints',
        'packages/builder/src/outputs/': 'the destination `-` of an output is stdout: an image, not words',
      },
    },
  ]
  for (const { ban, pattern, except } of bans) {
    it(`do not ${ban}`, () => {
      const judged = product.filter(
        ({ path }) => !Object.keys(except).some((allowed) => path.startsWith(allowed)),
      )
      expect(judged.filter(({ text }) => pattern.test(text)).map(({ path }) => path)).toEqual([])
      expect(Object.keys(except).filter((path) => !existsSync(join(root, path)))).toEqual([])
    })
  }
})

describe('the repository', () => {
  it('names no package registry', () => {
    // In pieces, as this file is read too.
    const hosts = [
      'registry.npm' + 'js.org',
      'npm' + 'js.com',
      'registry.yarn' + 'pkg.com',
      'npm.' + 'pkg.github.com',
    ]
    const configured = process.env.npm_config_registry
    if (configured !== undefined) hosts.push(new URL(configured).host)
    expect(files.filter((path) => hosts.some((host) => read(path).includes(host)))).toEqual([])
  })

  it('tells contributors of files and folders that exist', () => {
    const named = [...read('CONTRIBUTING.md').matchAll(/`((?:packages|test|docs|scripts|\.ci)\/[^`\s]*)`/g)]
    const gone = named.map(([, path]) => path ?? '').filter((path) => !existsSync(join(root, path)))
    expect(gone).toEqual([])
  })

  it('names no path of the machine it was written on', () => {
    const home = homedir()
    const paths = [root, resolve(root, '../shared'), ...(home.split('/').length > 2 ? [home] : [])]
    // A clone in /tmp may lie where a test of a Dockerfile writes.
    const isTemporary = (path: string) => path.startsWith(`${tmpdir()}/`)
    const named = paths.filter((path) => path.split(/[/\\]/).length > 2 && !isTemporary(path))
    expect(files.filter((path) => named.some((name) => read(path).includes(name)))).toEqual([])
  })
})

function lines(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
}

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

/** The specifiers of static and dynamic imports and of re-exports. */
function importsOf(text: string): string[] {
  const code = text.replace(/^\s*(?:\/\/|\*|\/\*).*$/gm, '')
  const found = code.matchAll(/(?:^(?:import|export)\b[^'";]*\bfrom|^import|\bimport\()\s*'([^'\n]+)'/gm)
  return [...found].map(([, specifier]) => specifier ?? '')
}

function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}

/** Files that are committed or could be; from the folders where the checkout came without git. */
function trackedAndNew(): string[] {
  if (existsSync(join(root, '.git'))) {
    const options = { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 } as const
    // A clone may belong to another user than the one who tests it; reading its index is harmless.
    const list = ['-c', 'safe.directory=*', 'ls-files', '-z', '--cached', '--others', '--exclude-standard']
    const listed = execFileSync('git', list, options)
    return listed.split('\0').filter((path) => path !== '' && existsSync(join(root, path)))
  }
  const skipped = /(^|\/)(node_modules|dist|\.git)(\/|$)/
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .filter((path) => !skipped.test(path))
}
