import { measure } from '../../lib/measure.mjs'
import { startDaemon } from '../../lib/start-daemon.mjs'
import { contextOf } from './write-contexts.mjs'

/**
 * BuildKit as Docker's daemon has it. The base is loaded into the store of images,
 * unpacked.
 * @param {import('../../lib/place.mjs').Place} place
 * @param {string} base folder in the place
 * @returns {Promise<import('../../lib/suite.mjs').Entrant<import('./rows.mjs').RunRow>>}
 */
export async function buildkit(place, base) {
  const { seen, rivals } = place
  const { docker } = await startDaemon(place, { name: 'docker', images: 'overlay2' })
  const archive = `${seen}/base.tar`
  await measure(
    rivals().inside(
      'skopeo',
      'copy',
      '-q',
      `oci:${seen}/${base}:latest`,
      `docker-archive:${archive}:debian:latest`,
    ),
  )
  await measure(docker('load', '-q', '-i', archive))
  const build = (/** @type {string} */ name) =>
    docker(
      ...['buildx', 'build', '-q', '--provenance=false', '--network', 'host', '-t', 'bench'],
      contextOf(seen, name),
    )
  await measure(build('base'))
  return {
    shows: ['docker buildx build --network host -t bench CONTEXT'],
    judged: true,
    once: false,
    turn: ({ group }) => ({ before: [], command: build(group) }),
  }
}
