// Runs command lines of `cooper`, one after another, in one process: a build is quicker than the start of Node and the
// first look at a megabyte of code, and the tests run thousands. It loads what bin.js loads, and gives each line an
// environment, a directory and streams of its own. Started by cooper-hosts.ts, which speaks to it over IPC.
import { readFileSync } from 'node:fs'
import { Readable, Writable } from 'node:stream'

const bin = new URL('../packages/cli/dist/bin.js', import.meta.url)
const { main, Interruption, processTerminal } = await exportsOf(bin)
const ORIGINAL = { ...process.env }
let streams

// What the builder writes to standard output itself is of the line that runs.
Object.defineProperty(process, 'stdout', { configurable: true, get: () => streams.stdout })

process.on('message', async ({ args, env, cwd }) => {
  const [stdout, stderr] = [collector(), collector()]
  streams = { stdin: Readable.from([]), stdout, stderr }
  setEnvironment(env)
  process.chdir(cwd)
  const interruption = new Interruption((code) => process.exit(code))
  const terminal = processTerminal(streams, () => interruption.readerGone())
  const code = await main({ args, env: process.env, terminal, interruption })
  setEnvironment(ORIGINAL)
  process.chdir('/')
  process.send({ code, stdout: stdout.bytes(), stderr: stderr.bytes() })
})
process.on('disconnect', () => process.exit())
process.send('ready')

function setEnvironment(env) {
  for (const name of Object.keys(process.env)) delete process.env[name]
  for (const [name, value] of Object.entries(env)) if (value !== undefined) process.env[name] = value
}

function collector() {
  const chunks = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(chunk)
      done()
    },
  })
  return Object.assign(stream, { bytes: () => Buffer.concat(chunks) })
}

/** The names that the bundled entry imports, under which its chunk exports them there. */
async function exportsOf(entry) {
  const [, names, chunk] = /^import \{ (.*) \} from "(.*)";$/m.exec(readFileSync(entry, 'utf8')) ?? []
  if (chunk === undefined) throw new Error(`${entry.pathname} is not the bundle: npm run build`)
  const exports = await import(new URL(chunk, entry).href)
  return Object.fromEntries(
    names.split(', ').map((pair) => {
      const [short, name = short] = pair.split(' as ')
      return [name, exports[short]]
    }),
  )
}
