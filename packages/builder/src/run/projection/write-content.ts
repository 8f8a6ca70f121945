import type { LayerStream, TarItem } from '@cooperage/store'

/**
 * The content of an entry that goes by, as that of the layer's last item. Undefined when that is done, as it is for
 * most small files: waiting for what is there would cost more than they.
 */
export function writeContent(item: TarItem, layer: LayerStream): Promise<void> | undefined {
  const bytes = item.contentNow()
  if (bytes === undefined) return asItComes(item, layer)
  layer.content(bytes)
  return undefined
}

async function asItComes(item: TarItem, layer: LayerStream): Promise<void> {
  for await (const chunk of item.content()) {
    layer.content(chunk)
    if (layer.full) await layer.flush()
  }
}
