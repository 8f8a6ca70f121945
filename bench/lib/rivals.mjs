import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { findTool } from './find-tool.mjs'

/** @typedef {import('./measure.mjs').Command} Command */

/**
 * A Debian system of its own in a folder, in which Docker and buildah are installed. Files below `folder` are
 * seen inside below `/`.
 * @typedef {object} Rivals
 * @property {string} folder
 * @property {(...command: Command) => Command} inside the command that runs `command` in that system
 * @property {(name: string, config: object) => Promise<Daemon>} startDaemon
 * @property {() => Promise<void>} down ends what was started; a system that was up before stays up
 */

/** @typedef {{ docker: (...args: string[]) => Command }} Daemon */

/**
 * Brings the rivals up in the folder that COOPERAGE_RIVALS names, or in one of their own. Making the folder takes
 * most of a minute once.
 * @returns {Promise<Rivals | string>} or the reason why there are none
 */
export async function bringUpRivals() {
  const tool = findTool('rivals')
  if (tool === undefined)
    return 'the tool `rivals` is not here, which installs Docker and buildah to compare with'
  if (process.getuid?.() !== 0) return 'the tool `rivals` needs root'
  const folder = process.env.COOPERAGE_RIVALS ?? '/var/tmp/cooperage-rivals'

  /** @type {Rivals['inside']} */
  const inside = (...command) => [tool, 'run', folder, ...command]
  const wasUp = existsSync(folder) && run(inside('true')).status === 0
  if (!wasUp) {
    // Its dockerd outlives it and would keep a pipe open, so what it says goes to a file.
    const { status } = spawnSync(tool, ['up', folder], { stdio: ['ignore', 'ignore', 'inherit'] })
    if (status !== 0) return `\`rivals up ${folder}\` failed with status ${status}`
  }

  /** @type {import('node:child_process').ChildProcess[]} */
  const daemons = []
  return {
    folder,
    inside,
    async startDaemon(name, config) {
      const { child, docker } = spawnDaemon({ folder, inside, name, config })
      daemons.push(child)
      await answers(docker)
      return { docker }
    },
    async down() {
      await Promise.all(daemons.map(end))
      if (!wasUp) run([tool, 'down', folder])
    },
  }
}

/** @param {{ folder: string, inside: Rivals['inside'], name: string, config: object }} options */
function spawnDaemon({ folder, inside, name, config }) {
  const home = `/bench/${name}`
  mkdirSync(join(folder, home), { recursive: true })
  writeFileSync(join(folder, home, 'daemon.json'), JSON.stringify(config))
  const log = openSync(join(folder, home, 'log'), 'w')
  const host = `unix://${home}/docker.sock`
  const [file, ...args] = inside(
    ...['dockerd', '--host', host, '--pidfile', `${home}/docker.pid`, '--config-file', `${home}/daemon.json`],
    ...['--data-root', `${home}/data`, '--exec-root', `${home}/exec`],
    ...['--bridge=none', '--iptables=false', '--ip6tables=false'],
  )
  const child = spawn(file, args, { stdio: ['ignore', log, log], detached: true })
  /** @type {Daemon['docker']} */
  const docker = (...rest) => inside('env', `DOCKER_HOST=${host}`, 'docker', ...rest)
  return { child, docker }
}

async function answers(/** @type {Daemon['docker']} */ docker) {
  for (let attempt = 0; attempt < 150; attempt++) {
    if (run(docker('info')).status === 0) return
    await sleep(200)
  }
  throw new Error(`dockerd does not answer: ${docker('info').join(' ')}`)
}

async function end(/** @type {import('node:child_process').ChildProcess} */ child) {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  await exit
}

function run(/** @type {Command} */ [file, ...args]) {
  return spawnSync(file, args, { stdio: 'ignore' })
}
