import {
  type NamedImage,
  type Platform,
  type Store,
  writeDockerArchive,
  writeOciArchive,
} from '@cooperage/store'
import { CooperageError } from '@cooperage/store/errors'
import { findNames } from '../images/find-names.js'
import { ofImage } from '../images/of-image.js'
import { platformFlag } from '../images/platform-flag.js'
import { readImage } from '../images/stored-image.js'
import type { Invocation } from '../invocation.js'
import { withStore } from '../with-store.js'

/** `cooper save IMAGE…`: the answer is the archive itself, on stdout or in a file. */
export async function run(invocation: Invocation): Promise<void> {
  const { flags, operands, terminal, signal } = invocation
  const file = flags.text('output')
  if (file === undefined && terminal.stdout.isTTY) {
    throw new CooperageError('E_CLI', 'an archive is not written to a terminal', {
      hint: 'name a file with --output, or pipe stdout into a program',
    })
  }
  const write = flags.text('type') === 'oci' ? writeOciArchive : writeDockerArchive
  const platform = platformFlag(flags)
  await withStore(invocation, (store) =>
    ofImage(operands, async () => {
      const images = await namedImages(store, operands, platform)
      await write(images, { store: store.blobs, destination: file ?? terminal.stdout, signal })
    }),
  )
}

/**
 * Each image once, with the names by which it was asked for; an ID asks for the image without a name. An index goes
 * whole, or with `platform` as the one image for it.
 */
export async function namedImages(
  store: Store,
  words: readonly string[],
  platform?: Platform,
): Promise<NamedImage[]> {
  const found = new Map<string, { descriptor: NamedImage['descriptor']; names: string[] }>()
  for (const word of words) {
    const { entries, byId } = await findNames(store, word)
    const [{ name, value }] = entries
    const descriptor =
      platform === undefined ? value.descriptor : (await readImage(store, entries[0], platform)).descriptor
    const known = found.get(descriptor.digest) ?? { descriptor, names: [] }
    found.set(descriptor.digest, known)
    if (!byId && !known.names.includes(name)) known.names.push(name)
  }
  return [...found.values()]
}
