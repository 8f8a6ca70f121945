import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A credential helper that works: it keeps what it is given in a file of its folder. */
const KEEPER = `
const { readFileSync, writeFileSync, appendFileSync } = require('node:fs')
const { join } = require('node:path')
const verb = process.argv[2]
const input = readFileSync(0, 'utf8')
const file = join(__dirname, 'kept.json')
let kept = {}
try { kept = JSON.parse(readFileSync(file, 'utf8')) } catch {}
appendFileSync(join(__dirname, 'calls'), verb + ' ' + (verb === 'store' ? JSON.parse(input).ServerURL : input) + '\\n')
if (verb === 'store') {
  const { ServerURL, ...rest } = JSON.parse(input)
  kept[ServerURL] = rest
  writeFileSync(file, JSON.stringify(kept))
} else if (kept[input] === undefined) {
  process.stdout.write('credentials not found in native keychain\\n')
  process.exitCode = 1
} else if (verb === 'get') {
  process.stdout.write(JSON.stringify({ ServerURL: input, ...kept[input] }))
} else {
  delete kept[input]
  writeFileSync(file, JSON.stringify(kept))
}
`

/**
 * Puts a program `docker-credential-<name>` into a folder of its own and answers with a PATH that has it. `script` is
 * JavaScript; by default a helper that keeps credentials in `kept.json` beside itself and its calls in `calls`.
 */
export function credentialHelper(folder: string, name: string, script: string = KEEPER): string {
  mkdirSync(folder, { recursive: true })
  const program = join(folder, `docker-credential-${name}`)
  writeFileSync(program, `#!${process.execPath}\n${script}`)
  chmodSync(program, 0o755)
  return `${folder}:${process.env.PATH}`
}
