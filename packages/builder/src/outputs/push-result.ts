import { type Descriptor, parseReference, type Reference } from '@cooperage/store'
import type { RegistryClient } from '@cooperage/store/registry'
import { openInsecureClient } from '../base/open-insecure-client.js'
import type { RegistryOpener } from '../base/registry-opener.js'
import type { StepId } from '../events.js'
import type { StageLayer } from '../execute/file-system.js'
import { layerContent } from '../execute/layer-content.js'
import type { StepEnvironment } from '../execute/step-environment.js'
import { registryEvents } from '../remote/registry-events.js'
import type { ImageOutput } from './output-spec.js'

/** A manifest or index in the store, with all that it names there or where its layers say. */
export interface Pushable {
  readonly root: Descriptor
  /** Of all its images. */
  readonly layers: readonly StageLayer[]
  /** In full; without tags when it is pushed by digest. */
  readonly names: readonly string[]
  readonly spec: Pick<ImageOutput, 'pushByDigest' | 'insecure'>
}

export interface PushWires {
  readonly environment: StepEnvironment
  readonly registry: RegistryOpener
  readonly step: StepId
}

/**
 * Sends a result to the registries of its names: to each repository once, with all its tags.
 * @throws as `RegistryClient.push`; E_NO_REGISTRY for an insecure registry where no client is made for such
 */
export async function pushResult(pushable: Pushable, wires: PushWires): Promise<void> {
  const { root, layers, names, spec } = pushable
  const { environment, step } = wires
  const { store, signal, emit } = environment
  const repositories = new Map<string, Reference[]>()
  for (const name of names) {
    const reference = parseReference(name)
    const repository = `${reference.domain}/${reference.path}`
    repositories.set(repository, [...(repositories.get(repository) ?? []), reference])
  }
  const sources = layers.flatMap(({ origin }) => origin?.repository ?? [])
  const opened = await openClient(pushable, wires)
  await using _ = opened.own
  for (const [repository, references] of repositories) {
    const [first] = references
    const to = spec.pushByDigest ? parseReference(`${repository}@${root.digest}`) : first!
    const tags = references.slice(1).flatMap(({ tag }) => tag ?? [])
    await opened.client.push(to, {
      root,
      content: layerContent(layers, store),
      ...(spec.pushByDigest ? {} : { tags }),
      mountFrom: [...new Set([...sources, ...repositories.keys()])]
        .filter((source) => source !== repository)
        .map(parseReference),
      records: store.records,
      onEvent: registryEvents(step, emit),
      signal,
    })
  }
}

/** `own`: made for this push alone. */
async function openClient(
  { names, spec }: Pushable,
  { registry }: PushWires,
): Promise<{ readonly client: RegistryClient; readonly own?: RegistryClient }> {
  if (!spec.insecure) return { client: (await registry()).client }
  const own = await openInsecureClient(registry, names)
  return { client: own, own }
}
