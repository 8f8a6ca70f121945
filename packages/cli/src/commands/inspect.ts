import type { Platform, Store } from '@cooperage/store'
import { familiarName, splitName } from '../images/familiar-name.js'
import { type FoundImage, findImage } from '../images/find-image.js'
import { platformFlag } from '../images/platform-flag.js'
import type { IndexEntry } from '../images/stored-image.js'
import { isUnnamed } from '../images/unnamed.js'
import type { Invocation } from '../invocation.js'
import { withStore } from '../with-store.js'

/** `cooper inspect IMAGE…` */
export async function run(invocation: Invocation): Promise<void> {
  const { flags, operands, terminal } = invocation
  const platform = platformFlag(flags)
  const answers = await withStore(invocation, (store) => inspectImages(store, operands, platform))
  const indent = flags.text('format') === 'json' ? undefined : 4
  await terminal.print(`${JSON.stringify(answers, shown, indent)}\n`)
}

/** One object for each word, with the keys of `docker image inspect`. */
export async function inspectImages(
  store: Store,
  words: readonly string[],
  platform?: Platform,
): Promise<object[]> {
  const answers: object[] = []
  for (const word of words) answers.push(describe(await findImage(store, word, platform)))
  return answers
}

function describe({ image, entries }: FoundImage): object {
  const { config, manifest, target } = image
  const names = entries.filter(({ name }) => !isUnnamed(name)).map(({ name }) => familiarName(name))
  const tagged = names.filter((name) => splitName(name).tag !== '')
  const digests = names.map((name) => `${splitName(name).repository}@${target.digest}`)
  return {
    Id: image.id,
    RepoTags: tagged,
    RepoDigests: [...new Set(digests)],
    Created: config.created ?? '',
    ...(config.author === undefined ? {} : { Author: config.author }),
    Architecture: config.architecture,
    ...(config.variant === undefined ? {} : { Variant: config.variant }),
    Os: config.os,
    Size: image.size,
    Config: config.config ?? {},
    RootFS: { Type: config.rootfs.type, Layers: config.rootfs.diff_ids },
    Descriptor: target,
    Layers: manifest.layers,
    ...(manifest.annotations === undefined ? {} : { Annotations: manifest.annotations }),
    ...(image.entries.length === 0 ? {} : { Manifests: image.entries.map(describeEntry) }),
  }
}

/** As in docker's list of what an index names. */
function describeEntry({ descriptor, kind, manifest }: IndexEntry): object {
  const { platform } = descriptor
  return {
    ID: descriptor.digest,
    Descriptor: descriptor,
    Available: manifest !== undefined,
    Kind: kind,
    ...(kind === 'image' && platform !== undefined && { ImageData: { Platform: platform } }),
  }
}

/** JSON has no bigint: a duration of months is shown as near as a number comes. */
function shown(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value
}
