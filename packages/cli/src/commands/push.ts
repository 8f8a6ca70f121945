import {
  type Descriptor,
  parsePlatform,
  parseReference,
  type RecompressOptions,
  type RefEntry,
  type Reference,
  recompressImage,
  type Store,
} from '@cooperage/store'
import { CooperageError } from '@cooperage/store/errors'
import { storeContent } from '@cooperage/store/registry'
import { splitName } from '../images/familiar-name.js'
import { findNames } from '../images/find-names.js'
import { fullName } from '../images/full-name.js'
import { imageFor } from '../images/image-for.js'
import { ofImage } from '../images/of-image.js'
import { isUnnamed } from '../images/unnamed.js'
import type { Invocation } from '../invocation.js'
import { type Chosen, whatIsHere } from '../push-command/what-is-here.js'
import { withRegistry } from '../registry/open-registry.js'
import { noAliases } from '../registry/registry-rules.js'
import { showTransfers } from '../registry/show-transfer.js'
import { insecureHosts, referenceOf } from '../registry/typed-names.js'
import { renderPushed } from '../render/pushed.js'
import { withStore } from '../with-store.js'

/** One image on its way to a registry. */
interface Errand extends Chosen {
  /** For messages. */
  readonly image: string
  readonly to: Reference
  /** It came from a registry: its layers stay in the form in which they came, and its digest what it was. */
  readonly isPulled: boolean
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
        for (const { image, root, to, isPulled } of errands) {
          const result = await transfers.run(`push ${to}`, (onEvent) =>
            ofImage([image], async () => {
              const stays = isPulled && form.compression === undefined && form.force !== true
              const formed = stays
                ? root
                : await recompressImage(root, { ...form, store: blobs, records, signal })
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
  const wanted = platform === undefined ? undefined : parsePlatform(platform)
  const chosen = async (entries: readonly [RefEntry, ...RefEntry[]]) => {
    const root = entries[0].value.descriptor
    const isPulled = entries.some(({ value }) => value.pulled === true)
    if (wanted === undefined) return { ...(await whatIsHere(store, root)), isPulled }
    return { root: await imageFor(store, root, { wanted, isAsked: true }), isPulled }
  }
  if (flags.on('all-tags')) {
    if (destination !== undefined) throw new CooperageError('E_CLI', '--all-tags goes with one name')
    const tagged = await tagsOf(store, word)
    return Promise.all(
      tagged.map(async ({ name, entry }) => {
        const image = name.familiar
        return { ...(await ofImage([image], () => chosen([entry]))), image, to: name }
      }),
    )
  }
  const { entries, byId } = await findNames(store, word)
  const name = destination ?? entries[0].name
  if (destination === undefined && (byId || isUnnamed(name))) {
    throw new CooperageError('E_CLI', `${word} says no registry and no repository`, {
      hint: `write cooper push ${word} NAME`,
    })
  }
  // An alias is about where a short name is read from; nobody means it by the name of a push.
  const sent = await ofImage([word], () => chosen(entries))
  return [{ ...sent, image: word, to: await referenceOf(name, noAliases) }]
}

async function tagsOf(store: Store, word: string): Promise<{ name: Reference; entry: RefEntry }[]> {
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
  return entries.map((entry) => ({ name: parseReference(entry.name), entry }))
}
