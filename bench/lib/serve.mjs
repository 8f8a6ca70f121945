import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** @typedef {import('./measure.mjs').Command} Command */
/** @typedef {import('./place.mjs').Place} Place */

/**
 * Starts a server that runs until the place is closed, and waits until it answers. What it says goes to the file `log`
 * in its folder.
 * @param {Place} place
 * @param {{ name: string, command: Command, answers: () => boolean | Promise<boolean> }} options name: of its folder
 * @throws {Error} with the end of what it said, when it ends or is silent for half a minute
 */
export async function serve(place, { name, command: [file, ...args], answers }) {
  const path = join(place.folder, name, 'log')
  mkdirSync(join(place.folder, name), { recursive: true })
  const log = openSync(path, 'w')
  const child = spawn(file, args, { stdio: ['ignore', log, log], detached: true })
  closeSync(log)
  child.on('error', () => {})
  place.atEnd(() => end(child))
  for (let attempt = 0; attempt < 150 && isRunning(child); attempt++) {
    if (await answers()) return
    await sleep(200)
  }
  throw new Error(`${name} does not answer\n${readFileSync(path, 'utf8').slice(-1000)}`)
}

async function end(/** @type {import('node:child_process').ChildProcess} */ child) {
  if (!isRunning(child)) return
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  await exit
}

function isRunning(/** @type {import('node:child_process').ChildProcess} */ child) {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null
}
