import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'

/** @typedef {import('./rivals.mjs').Rivals} Rivals */

/**
 * Where one suite works: a folder that is empty at first, and whatever has to be ended before it goes.
 * @typedef {object} Place
 * @property {string} folder its path
 * @property {string} seen its path as the rivals see it
 * @property {number} scale size of the inputs: 1 is the whole
 * @property {() => Rivals} rivals throws the reason where there are none
 * @property {(end: () => unknown) => void} atEnd what is given last is called first
 * @property {() => Promise<void>} close calls these, and removes the folder
 */

const prefix = 'cooperage-bench-'

/**
 * Makes a place below the rivals' root, or below /var/tmp where there are none. Its name has the number of this
 * process, so several can be measured side by side, though not well.
 * @param {{ name: string, scale: number, rivals: Rivals | string }} options rivals: or why there are none
 * @returns {Place}
 */
export function openPlace({ name, scale, rivals }) {
  const parent = typeof rivals === 'string' ? '/var/tmp' : rivals.folder
  removeOrphans(parent)
  const folder = join(parent, `${prefix}${process.pid}-${name}`)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  /** @type {(() => unknown)[]} */
  const ends = []
  return {
    folder,
    seen: typeof rivals === 'string' ? folder : `/${basename(folder)}`,
    scale,
    rivals() {
      if (typeof rivals === 'string') throw new Error(rivals)
      return rivals
    },
    atEnd: (end) => ends.push(end),
    async close() {
      for (const end of ends.splice(0).reverse()) await end()
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
    },
  }
}

/** Removes what a benchmark left that was killed. */
function removeOrphans(/** @type {string} */ parent) {
  for (const name of readdirSync(parent)) {
    const pid = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1]
    if (pid === undefined || isAlive(Number(pid))) continue
    try {
      rmSync(join(parent, name), { recursive: true, force: true })
    } catch {
      // A daemon that outlived its benchmark still holds it. It costs room, nothing else.
    }
  }
}

function isAlive(/** @type {number} */ pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM'
  }
}
