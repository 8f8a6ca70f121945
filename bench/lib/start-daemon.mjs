import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { serve } from './serve.mjs'

/** @typedef {import('./measure.mjs').Command} Command */

/**
 * A dockerd with no other user.
 * @typedef {object} Daemon
 * @property {string} host its address, as DOCKER_HOST takes it
 * @property {(...args: string[]) => Command} docker the command that runs `docker` with it
 */

/** What a daemon is told of the place where images lie: what Docker did by default for long, and what it does now. */
const imageStores = {
  overlay2: { 'storage-driver': 'overlay2' },
  containerd: { features: { 'containerd-snapshotter': true }, 'storage-driver': 'overlayfs' },
}

/**
 * Starts a Docker daemon among the rivals, which runs until the place is closed. It has no bridge: what it builds has
 * the network of the machine or none.
 * @param {import('./place.mjs').Place} place
 * @param {{ name: string, images: keyof typeof imageStores }} options
 * @returns {Promise<Daemon>}
 */
export async function startDaemon(place, { name, images }) {
  const { inside } = place.rivals()
  const home = `${place.seen}/${name}`
  mkdirSync(join(place.folder, name), { recursive: true })
  writeFileSync(join(place.folder, name, 'daemon.json'), JSON.stringify(imageStores[images]))
  const host = `unix://${home}/docker.sock`
  /** @type {Daemon['docker']} */
  const docker = (...args) => inside('env', `DOCKER_HOST=${host}`, 'docker', ...args)
  const command = inside(
    ...['dockerd', '--host', host, '--pidfile', `${home}/docker.pid`, '--config-file', `${home}/daemon.json`],
    ...['--data-root', `${home}/data`, '--exec-root', `${home}/exec`],
    ...['--bridge=none', '--iptables=false', '--ip6tables=false'],
  )
  const [file, ...info] = docker('info')
  await serve(place, {
    name,
    command,
    answers: () => spawnSync(file, info, { stdio: 'ignore' }).status === 0,
  })
  return { host, docker }
}
