import type { ResolveImage } from '../packages/builder/src/plan/plan-options.js'
import type { ImageConfig } from '../packages/store/src/index.js'

const LAYER = `sha256:${'a'.repeat(64)}`

/** The base images of the golden tables: those given by name, and one plain image for all other names. */
export function goldenResolver(bases: Readonly<Record<string, ImageConfig>>): ResolveImage {
  return async (name) => ({ id: name, config: bases[name] ?? plain })
}

const plain: ImageConfig = {
  architecture: 'amd64',
  os: 'linux',
  config: {
    Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
    Cmd: ['/bin/sh'],
    WorkingDir: '/',
  },
  rootfs: { type: 'layers', diff_ids: [LAYER] },
  history: [{ created: '2020-01-01T00:00:00Z', created_by: 'base' }],
}
