import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { serve } from '../../lib/serve.mjs'
import { freePort } from './free-port.mjs'

/**
 * A registry on loopback.
 * @typedef {object} Registry
 * @property {string} image name of the one image in it, registry included
 * @property {string} storage the folder of all that it holds. It keeps nothing in memory: removed, it is empty
 */

/**
 * Starts Debian's `docker-registry`, which runs until the place is closed.
 * @param {import('../../lib/place.mjs').Place} place
 * @param {string} name
 * @returns {Promise<Registry>}
 */
export async function startRegistry(place, name) {
  if (spawnSync('docker-registry', ['--version'], { stdio: 'ignore' }).error) {
    throw new Error('docker-registry is not here, the registry of the Debian package of this name')
  }
  const storage = join(place.folder, name, 'storage')
  const config = join(place.folder, name, 'config.yml')
  const port = await freePort()
  mkdirSync(storage, { recursive: true })
  writeFileSync(
    config,
    `version: 0.1
log: {level: warn, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: ${storage}}}
http: {addr: 127.0.0.1:${port}}
`,
  )
  await serve(place, {
    name,
    command: ['docker-registry', 'serve', config],
    answers: () => listens(port),
  })
  return { image: `127.0.0.1:${port}/bench:latest`, storage }
}

/**
 * @param {number} port
 * @returns {Promise<boolean>}
 */
function listens(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const end = (/** @type {boolean} */ answer) => {
      socket.destroy()
      resolve(answer)
    }
    socket.on('connect', () => end(true)).on('error', () => end(false))
  })
}
