import { parsePlatform, type Reference, type Store } from '@cooperage/store'
import { CooperageError } from '@cooperage/store/errors'
import type { PulledImage, PullOptions } from '@cooperage/store/registry'
import type { Invocation } from '../invocation.js'
import { withStoreAndRegistry } from '../registry/open-registry.js'
import { showTransfers } from '../registry/show-transfer.js'
import { insecureHosts, referenceOf } from '../registry/typed-names.js'
import { renderPulled } from '../render/pulled.js'

/** `cooper pull NAME…` */
export async function run(invocation: Invocation): Promise<void> {
  const { flags, operands, terminal, signal } = invocation
  const platforms = platformsOf(flags.list('platform'), flags.on('all-platforms'))
  const insecure = insecureHosts(invocation, operands)
  await withStoreAndRegistry(invocation, insecure, async (store, { client, aliases }) => {
    const references = await Promise.all(operands.map((name) => referenceOf(name, aliases)))
    const pulled = await showTransfers(invocation, 'Pulling', async (transfers) => {
      const done: Pulled[] = []
      for (const reference of references) {
        const image = await transfers.run(`pull ${reference}`, (onEvent) =>
          client.pull(reference, {
            store: store.blobs,
            records: store.records,
            ...(platforms === undefined ? {} : { platforms }),
            onEvent,
            signal,
          }),
        )
        done.push({ ...(await namePulled(store, reference, image)), image })
      }
      return done
    })
    for (const one of pulled) await terminal.print(renderPulled(one, flags.on('quiet')))
  })
}

export interface Pulled {
  /** In full. */
  readonly name: string
  /** Whether the name led elsewhere before, or nowhere. */
  readonly isNew: boolean
  readonly image: PulledImage
}

function platformsOf(texts: readonly string[], all: boolean): PullOptions['platforms'] {
  const wanted = texts.flatMap((text) => text.split(',')).map(parsePlatform)
  if (all && wanted.length > 0) {
    throw new CooperageError('E_CLI', '--platform and --all-platforms say different things')
  }
  if (all) return 'all'
  return wanted.length > 0 ? wanted : undefined
}

/** Names what was pulled; a digest is a name as well, and takes the place of a tag beside it. */
async function namePulled(
  store: Store,
  { digest, domain, path, tag }: Reference,
  { root }: PulledImage,
): Promise<Pick<Pulled, 'name' | 'isNew'>> {
  const name = `${domain}/${path}${digest === undefined ? `:${tag}` : `@${digest}`}`
  const before = await store.refs.get(name)
  await store.refs.set(name, { descriptor: root, created: Date.now(), pulled: true })
  return { name, isNew: before?.descriptor.digest !== root.digest }
}
