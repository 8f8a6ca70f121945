import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, release, totalmem, type } from 'node:os'

/**
 * What the figures were measured on, a line each: name and value.
 * @param {string} folder where the benchmark writes; its file system is named
 * @returns {[name: string, value: string][]}
 */
export function describeMachine(folder) {
  return [
    ['processor', `${cpus()[0]?.model.trim() ?? 'unknown'}, ${availableParallelism()} cores`],
    ['memory', `${Math.round(totalmem() / 2 ** 30)} GiB`],
    ['disk', disk(folder)],
    ['system', `${type()} ${release()}${distribution()}`],
    ['Node', process.version],
  ]
}

function disk(/** @type {string} */ folder) {
  const { stdout } = spawnSync('findmnt', ['-no', 'FSTYPE,SOURCE', '-T', folder], { encoding: 'utf8' })
  return stdout?.trim().split(/\s+/).join(' on ') || 'unknown'
}

function distribution() {
  try {
    const name = /^PRETTY_NAME="?(.*?)"?$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1]
    return name === undefined ? '' : `, ${name}`
  } catch {
    return ''
  }
}
