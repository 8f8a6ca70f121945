import { diffImages, type ImageLayer, type PathDifference } from '@cooperage/builder'
import { isDigest, parseDigest, type Store } from '@cooperage/store'
import { findImage } from '../images/find-image.js'
import type { Invocation } from '../invocation.js'
import { renderDiff } from '../render/diff.js'
import { withStore } from '../with-store.js'

/** `cooper diff A B` */
export async function run(invocation: Invocation): Promise<void> {
  const { flags, operands, terminal, signal } = invocation
  const found = await withStore(invocation, async (store) => {
    const [before, after] = [await layersOf(store, operands[0]!), await layersOf(store, operands[1]!)]
    return diffImages(before, after, { store, signal })
  })
  const shown = flags.on('times') ? found : found.filter((one) => !isTimeAlone(one))
  await terminal.print(renderDiff(shown, flags.text('format') === 'json'))
}

/** The layers of an image, or the one layer whose digest was given. */
async function layersOf(store: Store, word: string): Promise<readonly ImageLayer[]> {
  if (isDigest(word) && (await isLayer(store, parseDigest(word)))) return [{ diffId: parseDigest(word) }]
  const { image } = await findImage(store, word)
  return image.manifest.layers.map((descriptor, index) => ({
    diffId: parseDigest(image.config.rootfs.diff_ids[index]),
    descriptor,
  }))
}

/** Documents of images begin with a brace; an uncompressed layer with the name of its first entry. */
async function isLayer(store: Store, digest: `${string}:${string}`): Promise<boolean> {
  const blob = await store.blobs.stat(parseDigest(digest))
  if (blob === undefined || blob.size < 1024) return false
  await using range = await store.blobs.openRange(blob.digest)
  return (await range.read(0, 1))[0] !== 0x7b
}

function isTimeAlone({ fields }: PathDifference): boolean {
  return fields.length === 1 && fields[0] === 'time'
}
