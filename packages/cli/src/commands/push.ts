import {
  type Descriptor,
  isIndexType,
  matchPlatform,
  parseDigest,
  parseIndex,
  parsePlatform,
  parseReference,
  type RecompressOptions,
  type Reference,
  recompressImage,
  type Store,
} from '@cooperage/store'
import { CooperageError } from '@cooperage/store/errors'
import { storeContent } from '@cooperage/store/registry'
import { splitName } from '../images/familiar-name.js'
import { findImage } from '../images/find-image.js'
import { fullName } from '../images/full-name.js'
import { ofImage } from '../images/of-image.js'
import { isUnnamed } from '../images/unnamed.js'
import type { Invocation } from '../invocation.js'
import { withRegistry } from '../registry/open-registry.js'
import { noAliases } from '../registry/registry-rules.js'
import { showTransfers } from '../registry/show-transfer.js'
import { insecureHosts, referenceOf } from '../registry/typed-names.js'
import { renderPushed } from '../render/pushed.js'
import { withStore } from '../with-store.js'

/** One image on its way to a registry. */
interface Errand {
  /** For messages. */
  readonly image: string
  readonly root: Descriptor
  readonly to: Reference
  readonly note?: string
}

/** What a registry now has under a name. */
export interface Pushed {
  readonly to: Reference
  readonly root: Descriptor
}

/** `cooper push IMAGE [DESTINATION]` */
export async function run(invocation: Invocation): Promise<void> {
  const { flags, terminal, signal } = invocation
  const form = formOf(invocation)
  await withStore(invocation, async (store) => {
    const errands = await errandsOf(invocation, store)
    const hosts = insecureHosts(
      invocation,
      errands.map(({ to }) => to.toString()),
    )
    const { blobs, records } = store
    for (const note of errands.flatMap((errand) => errand.note ?? [])) terminal.say(`note: ${note}\n`)
    const pushed = await withRegistry(invocation, hosts, ({ client }) =>
      showTransfers(invocation, 'Pushing', async (transfers) => {
        const done: Pushed[] = []
        for (const { image, root, to } of errands) {
          const result = await transfers.run(`push ${to}`, (onEvent) =>
            ofImage([image], async () => {
              const formed = await recompressImage(root, { ...form, store: blobs, records, signal })
              return client.push(to, { root: formed, content: storeContent(blobs), records, onEvent, signal })
            }),
          )
          done.push({ to, root: result.root })
        }
        return done
      }),
    )
    for (const one of pushed) await terminal.print(renderPushed(one, flags.on('quiet')))
  })
}

function formOf({ flags }: Invocation): Pick<RecompressOptions, 'compression' | 'force'> {
  const compression = flags.text('compression') as RecompressOptions['compression']
  const force = flags.on('force-compression')
  return { ...(compression === undefined ? {} : { compression }), ...(force ? { force } : {}) }
}

async function errandsOf(invocation: Invocation, store: Store): Promise<Errand[]> {
  const { flags, operands } = invocation
  const [word = '', destination] = operands
  const platform = flags.text('platform')
  const chosen = async (root: Descriptor): Promise<Omit<Errand, 'to' | 'image'>> =>
    platform === undefined ? whole(store, root) : { root: await imageFor(store, root, platform) }
  if (flags.on('all-tags')) {
    if (destination !== undefined) throw new CooperageError('E_CLI', '--all-tags goes with one name')
    const tagged = await tagsOf(store, word)
    return Promise.all(
      tagged.map(async ({ image, root, to }) => ({
        ...(await ofImage([image], () => chosen(root))),
        image,
        to,
      })),
    )
  }
  const { image, entries, byId } = await ofImage([word], () => findImage(store, word))
  const name = destination ?? entries[0]!.name
  if (destination === undefined && (byId || isUnnamed(name))) {
    throw new CooperageError('E_CLI', `${word} says no registry and no repository`, {
      hint: `write cooper push ${word} NAME`,
    })
  }
  // An alias is about where a short name is read from; nobody means it by the name of a push.
  const sent = await ofImage([word], () => chosen(image.target))
  return [{ ...sent, image: word, to: await referenceOf(name, noAliases) }]
}

async function tagsOf(store: Store, word: string): Promise<Errand[]> {
  if (splitName(word).tag !== '' || word.includes('@')) {
    throw new CooperageError('E_CLI', `--all-tags goes with a name without a tag, not with ${word}`)
  }
  const { repository } = splitName(fullName(word))
  const entries = (await store.refs.list()).filter((entry) => {
    const parts = isUnnamed(entry.name) ? undefined : splitName(entry.name)
    return parts !== undefined && parts.repository === repository && parts.tag !== ''
  })
  if (entries.length === 0) {
    throw new CooperageError(
      'E_IMAGE_NOT_FOUND',
      `the store has no tag of ${parseReference(word).familiar}`,
      {
        hint: 'cooper images lists what there is',
      },
    )
  }
  return entries.map(({ name, value }) => {
    const to = parseReference(name)
    return { image: to.familiar, root: value.descriptor, to }
  })
}

/**
 * An index whose images are all here. Of one that was pulled for one platform that image goes alone, as with Docker: a
 * registry takes no index without its images. @throws E_IMAGE_INCOMPLETE
 */
async function whole(store: Store, root: Descriptor): Promise<Omit<Errand, 'to' | 'image'>> {
  if (!isIndexType(root.mediaType)) return { root }
  const { manifests } = parseIndex(await store.blobs.readAll(parseDigest(root.digest), 4 << 20))
  const here: Descriptor[] = []
  for (const one of manifests) {
    if ((await store.blobs.stat(parseDigest(one.digest))) !== undefined) here.push(one)
  }
  if (here.length === manifests.length) return { root }
  const [only] = here
  if (only !== undefined && here.length === 1) {
    return {
      root: only,
      note: `of the ${manifests.length} images of the index only this one is here, and goes alone: ${only.digest}`,
    }
  }
  throw new CooperageError(
    'E_IMAGE_INCOMPLETE',
    `the store has ${here.length} of the ${manifests.length} images of the index ${root.digest}`,
    { hint: 'pull it with --all-platforms, or push one image with --platform' },
  )
}

/** The manifest of an index for a platform; an image for one platform only is that image. */
async function imageFor(store: Store, root: Descriptor, platform: string): Promise<Descriptor> {
  const wanted = parsePlatform(platform)
  let descriptor = root
  for (let depth = 0; depth < 8 && isIndexType(descriptor.mediaType); depth++) {
    const bytes = await store.blobs.readAll(parseDigest(descriptor.digest), 4 << 20)
    descriptor = matchPlatform(parseIndex(bytes).manifests, wanted)
  }
  return descriptor
}
