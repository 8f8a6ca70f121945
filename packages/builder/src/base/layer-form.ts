import type { ImageConfig, LayerForm } from '@cooperage/store'

/** The form of an image's layers, and of those that are put on them. */
export function layerForm({ os }: Pick<ImageConfig, 'os'>): LayerForm {
  return os === 'windows' ? 'windows' : 'plain'
}
