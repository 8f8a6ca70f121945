import { buildah } from '../contenders/buildah.mjs'
import { buildkitExporter } from '../contenders/buildkit-exporter.mjs'
import { buildkitSave } from '../contenders/buildkit-save.mjs'
import { cooperage } from '../contenders/cooperage.mjs'

/**
 * Everybody who takes part, ours first. Each form of BuildKit has a daemon of its own: what one has cached must not
 * help another.
 * @param {string} folder
 * @param {import('./rivals.mjs').Rivals | undefined} rivals
 * @returns {Promise<import('../contenders/contender.mjs').Contender[]>}
 */
export async function lineUp(folder, rivals) {
  const ours = cooperage(folder)
  if (rivals === undefined) return [ours]
  const containerd = { features: { 'containerd-snapshotter': true }, 'storage-driver': 'overlayfs' }
  return [
    ours,
    buildkitExporter(await rivals.startDaemon('gzip', containerd), { compress: true }),
    buildkitExporter(await rivals.startDaemon('uncompressed', containerd), { compress: false }),
    buildkitSave(await rivals.startDaemon('save', { 'storage-driver': 'overlay2' }), rivals.inside),
    buildah(rivals.inside),
  ]
}
