import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { findTool } from './find-tool.mjs'

/** @typedef {import('./measure.mjs').Command} Command */

/**
 * A Debian system of its own in a folder, in which Docker, buildah and skopeo are installed. Files below `folder` are
 * seen inside below `/`; the network is that of the machine.
 * @typedef {object} Rivals
 * @property {string} folder
 * @property {(...command: Command) => Command} inside the command that runs `command` in that system
 * @property {() => void} down a system that was up before stays up
 */

/**
 * Brings the rivals up in the folder that COOPERAGE_RIVALS names, or in one of their own. Making the folder takes
 * most of a minute once.
 * @returns {Rivals | string} or the reason why there are none
 */
export function bringUpRivals() {
  const tool = findTool('rivals')
  if (tool === undefined)
    return 'the tool `rivals` is not here, which installs Docker and buildah to compare with'
  if (process.getuid?.() !== 0) return 'the tool `rivals` needs root'
  const folder = process.env.COOPERAGE_RIVALS ?? '/var/tmp/cooperage-rivals'

  /** @type {Rivals['inside']} */
  const inside = (...command) => [tool, 'run', folder, ...command]
  const wasUp = existsSync(folder) && run(inside('true')) === 0
  if (!wasUp) {
    // Its dockerd outlives it and would keep a pipe open, so what it says goes to a file.
    const { status } = spawnSync(tool, ['up', folder], { stdio: ['ignore', 'ignore', 'inherit'] })
    if (status !== 0) return `\`rivals up ${folder}\` failed with status ${status}`
  }
  return {
    folder,
    inside,
    down() {
      if (!wasUp) run([tool, 'down', folder])
    },
  }
}

function run(/** @type {Command} */ [file, ...args]) {
  return spawnSync(file, args, { stdio: 'ignore' }).status
}
