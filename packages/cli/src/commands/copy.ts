import { type Descriptor, parsePlatform, parseReference, type Store } from '@cooperage/store'
import { CooperageError } from '@cooperage/store/errors'
import { type OnRegistryEvent, storeContent } from '@cooperage/store/registry'
import { type Place, parsePlace } from '../copy-command/place.js'
import { putImage } from '../copy-command/put-image.js'
import { type TakeOptions, takeImage } from '../copy-command/take-image.js'
import { ofImage } from '../images/of-image.js'
import type { Invocation } from '../invocation.js'
import { type Registry, withRegistry } from '../registry/open-registry.js'
import { noAliases } from '../registry/registry-rules.js'
import { showTransfers } from '../registry/show-transfer.js'
import { insecureHosts, referenceOf } from '../registry/typed-names.js'
import { withStore } from '../with-store.js'

/** `cooper copy SOURCE DESTINATION`: the answer is the digest of what was copied. */
export async function run(invocation: Invocation): Promise<void> {
  const { flags, operands, terminal, signal } = invocation
  const [from, to] = operands.map(parsePlace) as [Place, Place]
  const asked = flags.text('platform')
  if (flags.on('all') && asked !== undefined) {
    throw new CooperageError('E_CLI', '--platform and --all say different things')
  }
  const one: TakeOptions['platform'] = asked === undefined ? 'default' : parsePlatform(asked)
  const platform = flags.on('all') ? undefined : one
  const hosts = [
    ...hostsOf(invocation, from, 'src-tls-verify'),
    ...hostsOf(invocation, to, 'dest-tls-verify'),
  ]
  const root = await withStore(invocation, (store) =>
    showTransfers(invocation, 'Copying', (transfers) =>
      transfers.run(`copy ${operands[0]} to ${operands[1]}`, (onEvent) => {
        const copy = { from, to, store, platform, signal, onEvent }
        const isOfRegistry = from.kind === 'docker' || to.kind === 'docker'
        const work = () =>
          isOfRegistry
            ? withRegistry(invocation, hosts, (registry) => copyImage({ ...copy, registry }))
            : copyImage(copy)
        return from.kind === 'store' ? ofImage([from.name], work) : work()
      }),
    ),
  )
  await terminal.print(`${root.digest}\n`)
}

interface Copy extends TakeOptions {
  readonly from: Place
  readonly to: Place
  readonly store: Store
  readonly registry?: Registry
  readonly onEvent: OnRegistryEvent
}

async function copyImage(copy: Copy): Promise<Descriptor> {
  const { from, to, platform, store, signal, onEvent } = copy
  if (from.kind === 'docker' && to.kind === 'docker') {
    const { client, aliases } = copy.registry!
    const chosen = platform === undefined ? {} : { platform }
    const how = { ...chosen, records: store.records, signal, onEvent }
    const [source, target] = [await referenceOf(from.name, aliases), await referenceOf(to.name, noAliases)]
    return (await client.copy(source, target, how)).root
  }
  const root = from.kind === 'docker' ? await pulled(from.name, copy) : await takeImage(from, copy)
  if (to.kind !== 'docker') {
    await putImage(to, root, copy)
    return root
  }
  const { records } = store
  const content = storeContent(store.blobs)
  const push = { root, content, records, signal, onEvent }
  return (await copy.registry!.client.push(await referenceOf(to.name, noAliases), push)).root
}

async function pulled(name: string, copy: Copy): Promise<Descriptor> {
  const { platform, store, signal, onEvent } = copy
  const { client, aliases } = copy.registry!
  const image = await client.pull(await referenceOf(name, aliases), {
    store: store.blobs,
    records: store.records,
    ...(platform !== 'default' && { platforms: platform === undefined ? 'all' : [platform] }),
    signal,
    onEvent,
  })
  return platform === undefined ? image.root : image.images[0]!.descriptor
}

function hostsOf(invocation: Invocation, place: Place, flag: string): readonly string[] {
  if (place.kind !== 'docker') return []
  // What is written has no alias.
  const name = flag === 'src-tls-verify' ? place.name : parseReference(place.name).toString()
  return insecureHosts(invocation, [name], flag)
}
