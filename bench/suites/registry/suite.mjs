import { join } from 'node:path'
import { lineUp } from '../../lib/line-up.mjs'
import { measure } from '../../lib/measure.mjs'
import { warm } from '../../lib/warm.mjs'
import { cooperage } from './cooperage.mjs'
import { docker } from './docker.mjs'
import { makeImage } from './make-image.mjs'
import { rows } from './rows.mjs'
import { skopeo, skopeoCommand } from './skopeo.mjs'
import { startRegistry } from './start-registry.mjs'

/** @typedef {import('./start-registry.mjs').Registry} Registry */

/**
 * @typedef {object} Transfer
 * @property {Registry} source holds the image
 * @property {Registry} target is to get it, and emptied before each push
 * @property {string} layout the folder in the place that has the image as an OCI layout, tagged `latest`
 * @property {number} bytes of its layers, compressed
 */

const layout = 'image'

/**
 * Between a registry and a store.
 * @type {import('../../lib/suite.mjs').Suite<import('./rows.mjs').RegistryRow>}
 */
export const registry = {
  name: 'registry',
  about: 'an image from a registry and to another',
  needs: 'docker-registry, skopeo and 5 GB; the tool `rivals` and root for docker',
  head: 'transfer',
  memoryBar: 200,
  rows,
  async setUp(place) {
    const source = await startRegistry(place, 'source')
    const target = await startRegistry(place, 'target')
    const bytes = await makeImage(join(place.folder, layout), place.scale)
    const image = `oci:${place.seen}/${layout}:latest`
    await measure(
      skopeoCommand(place, ['copy', '-q', '--dest-tls-verify=false', image, `docker://${source.image}`]),
    )
    /** @type {Transfer} */
    const transfer = { source, target, layout, bytes }
    const line = await lineUp({
      Cooperage: () => cooperage(place, transfer),
      skopeo: () => skopeo(place, transfer),
      'docker, overlay2': () => docker(place, { ...transfer, images: 'overlay2' }),
      'docker, containerd': () => docker(place, { ...transfer, images: 'containerd' }),
    })
    return {
      ...line,
      prepare: () => () => {},
      settle({ way }) {
        if (way === 'pull') warm(source.storage)
      },
    }
  },
}
