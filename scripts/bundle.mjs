// Puts a bundle in the place of packages/cli/dist/bin.js: a build loads some 400 modules, and Node needs longer to
// find and link them than to run them. Part of npm run build, after tsc, whose output it reads.
//
// Each command stays a file of its own, loaded when it is asked for. The packages of others are not taken in: they
// stay dependencies, under their own licences. Names and lines stay as they are, as stacks are read and a thread is
// started from the text of a function.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join, relative } from 'node:path'
import { rolldown } from 'rolldown'
import { CHUNKS, root } from './steps.mjs'

const cli = join(root, 'packages/cli')
const dist = join(cli, 'dist')
const { dependencies } = JSON.parse(readFileSync(join(cli, 'package.json'), 'utf8'))

/** Reads what tsc wrote with its map, so that the bundle's map leads to the TypeScript. */
const compiled = {
  name: 'compiled',
  load: (id) => ({
    code: readFileSync(id, 'utf8').replace(/^\/\/# sourceMappingURL=.*$/m, ''),
    map: readFileSync(`${id}.map`, 'utf8'),
  }),
}

/**
 * Node's own modules are asked for by a call. An import of one makes Node look at all that it has to offer, and loads
 * parts of Node that nobody here needs: a twentieth of the time of a build of which all is cached.
 */
const builtins = {
  name: 'builtins',
  // Lines stay where they are, so the map stays right.
  renderChunk: (code) => ({
    code: code.replace(/^import (.+) from ("node:[^"]+");$/gm, (_, names, module) => {
      const wanted = names
        .replace(/^\* as /, '')
        .replaceAll(' as ', ': ')
        .split(/, (?=\{)/)
      return `const ${wanted.map((one) => `${one} = process.getBuiltinModule(${module})`).join(', ')};`
    }),
    map: null,
  }),
}

const bundle = await rolldown({
  input: { bin: join(dist, 'start.js') },
  platform: 'node',
  external: /^(?!@cooperage\/)[^./]/,
  plugins: [compiled, builtins],
  onLog(_level, { message }) {
    throw new Error(message)
  },
})
// What is always loaded, found by a first bundle: its files are one. The file of the start itself stays alone, for it
// waits for the command it loads.
const start = staticModules((await bundle.generate({ dir: dist })).output)
const { output } = await bundle.generate({
  dir: dist,
  // Node needs half a millisecond to find and link a file, so what many commands share is not scattered over many. Never
  // in one with what only builds need: to read a megabyte of code takes Node 40 ms.
  codeSplitting: {
    groups: [
      { name: 'start', priority: 3, test: (id) => start.has(id) },
      { name: 'common', priority: 2, minShareCount: 12, test: (id) => !isOfBuilder(id) },
      { name: 'registry', priority: 1, minShareCount: 3, test: /store[/\\]dist[/\\](?:registry|http)[/\\]/ },
    ],
  },
  entryFileNames: '[name].js',
  chunkFileNames: `${CHUNKS}/[name]-[hash].js`,
  banner: ({ isEntry }) => (isEntry ? '#!/usr/bin/env node' : ''),
  // Every start reads all of it anew: without comments, and in characters that are one byte each in memory.
  comments: false,
  minify: { compress: false, mangle: false, codegen: { removeWhitespace: false, asciiOnly: true } },
  sourcemap: true,
  sourcemapExcludeSources: true,
})
await bundle.close()
const current = new Set(output.map(({ fileName }) => fileName))
for (const file of output) if (file.type === 'chunk') judge(file)

// While tsc has a record of what it wrote, it takes bin.js for its own. Without one, the next tsc -b writes it anew,
// so that the bundle never outlives the code it was made of.
rmSync(join(dist, '.tsbuildinfo'), { force: true })
mkdirSync(join(dist, CHUNKS), { recursive: true })
// The entry comes last, and by a rename: a command that is started meanwhile finds all that it names.
const inOrder = output.toSorted((a, b) => Number(a.isEntry ?? false) - Number(b.isEntry ?? false))
for (const file of inOrder) {
  const path = join(dist, file.fileName)
  writeFileSync(`${path}.new`, file.type === 'chunk' ? file.code : file.source)
  renameSync(`${path}.new`, path)
}
for (const name of readdirSync(join(dist, CHUNKS))) {
  if (!current.has(`${CHUNKS}/${name}`)) rmSync(join(dist, CHUNKS, name))
}

function staticModules(chunks) {
  const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]))
  const found = new Set(['bin.js'])
  for (const name of found) for (const next of byName.get(name).imports) if (byName.has(next)) found.add(next)
  const ids = [...found].flatMap((name) => byName.get(name).moduleIds)
  return new Set(ids.filter((id) => id !== join(dist, 'start.js')))
}

function reaches(from, goal, seen = new Set()) {
  const chunk = output.find(({ fileName }) => fileName === from)
  return (chunk?.imports ?? []).some((name) => {
    if (name === goal) return true
    if (seen.has(name)) return false
    seen.add(name)
    return reaches(name, goal, seen)
  })
}

function isOfBuilder(id) {
  return id.startsWith(join(root, 'packages/builder/'))
}

function judge({ fileName, imports, dynamicImports, moduleIds, code }) {
  if (/\bfrom "node:/.test(code)) throw new Error(`bundle: ${fileName} imports a module of Node's`)
  if (/[^\0-\x7f]/.test(code)) throw new Error(`bundle: ${fileName} has characters of more than one byte`)
  // What such an import was is there from its line on, and not before all code.
  if (reaches(fileName, fileName)) throw new Error(`bundle: ${fileName} and others import one another`)
  for (const path of moduleIds.map((id) => relative(root, id))) {
    if (!/^packages[/\\]\w+[/\\]dist[/\\]/.test(path)) throw new Error(`bundle: ${path} is not our code`)
  }
  for (const name of [...imports, ...dynamicImports]) {
    // The entry waits for the command it loads: if that needed the entry, each would wait for the other.
    if (name === 'bin.js') throw new Error(`bundle: ${fileName} imports the entry`)
    if (isBuiltin(name) || current.has(name) || name in dependencies) continue
    throw new Error(`bundle: ${fileName} imports ${name}, on which packages/cli does not depend`)
  }
}
