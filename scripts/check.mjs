// npm run check: all that a change must pass. Every part runs, so that one look shows all that is wrong.
//   npm run check -- lint surface      only these parts
//   npm run check -- --without tests   all but these
import { build, install, step, tool } from './steps.mjs'

const lenient = { mayFail: true }

// `types` is the build too, so it comes first: tests of the command, `surface` and `published` read dist/.
const parts = {
  types: () => build(lenient),
  tests: () => tool('vitest/vitest.mjs', ['run'], lenient),
  lint: () => tool('@biomejs/biome/bin/biome', ['check', '--error-on-warnings', '.'], lenient),
  'dead code': () => tool('knip/bin/knip.js', ['--no-progress'], lenient),
  surface: () => step(process.execPath, ['scripts/api.mjs', '--check'], lenient),
  published: () => step(process.execPath, ['scripts/published.mjs'], lenient),
}

const args = process.argv.slice(2)
const without = args[0] === '--without'
const named = without ? args.slice(1) : args
const unknown = named.filter((name) => !(name in parts))
if (unknown.length > 0) {
  console.error(`check: no part named ${unknown.join(', ')}; the parts are ${Object.keys(parts).join(', ')}`)
  process.exit(2)
}

install()
const results = []
for (const [name, run] of Object.entries(parts)) {
  if (named.length > 0 && named.includes(name) === without) continue
  console.log(`\n== ${name}`)
  const start = performance.now()
  const status = run()
  results.push({ name, status, seconds: (performance.now() - start) / 1000 })
}

console.log()
for (const { name, status, seconds } of results) {
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name.padEnd(10)} ${seconds.toFixed(1).padStart(6)} s`)
}
process.exitCode = results.every(({ status }) => status === 0) ? 0 : 1
