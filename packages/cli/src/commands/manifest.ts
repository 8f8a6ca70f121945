import {
  type Descriptor,
  formatPlatform,
  type ImageConfig,
  isManifestType,
  parseConfig,
  type Reference,
  withDigest,
} from '@cooperage/store'
import { CooperageError } from '@cooperage/store/errors'
import type { RawManifest, RegistryClient } from '@cooperage/store/registry'
import { closest } from '../flags/closest.js'
import type { Invocation } from '../invocation.js'
import { withRegistry } from '../registry/open-registry.js'
import { insecureHosts, referenceOf } from '../registry/typed-names.js'
import { manifestJson, manifestText } from '../render/manifest.js'

/** A manifest or index of a registry, as it is shown. */
export interface InspectedManifest {
  /** As typed. */
  readonly typed: string
  readonly reference: Reference
  readonly document: RawManifest
}

/** `cooper manifest inspect NAME` */
export async function run(invocation: Invocation): Promise<void> {
  const { flags, operands, terminal, signal } = invocation
  const [action = '', typed = ''] = operands
  if (action !== 'inspect') {
    const near = closest(action, ['inspect'])
    throw new CooperageError('E_CLI', `cooper manifest cannot ${JSON.stringify(action)}`, {
      hint: near === undefined ? 'write cooper manifest inspect NAME' : `did you mean ${near}?`,
    })
  }
  await withRegistry(invocation, insecureHosts(invocation, [typed]), async ({ client, aliases }) => {
    const reference = await referenceOf(typed, aliases)
    const document = await client.manifest(reference, { signal })
    if (flags.on('raw')) {
      return terminal.print(Buffer.from(document.bytes).toString('utf8'))
    }
    const inspected: InspectedManifest = { typed, reference, document }
    if (flags.text('format') !== 'json') return terminal.print(manifestText(inspected))
    const images = await configsOf(inspected, { client, signal })
    return terminal.print(manifestJson(inspected, images))
  })
}

interface Reading {
  readonly client: RegistryClient
  readonly signal: AbortSignal
}

/** The configs of the images, by their platforms. Attestations and what is no image have none. */
async function configsOf(
  { reference, document }: InspectedManifest,
  reading: Reading,
): Promise<ReadonlyMap<string, ImageConfig>> {
  const configs = new Map<string, ImageConfig>()
  if (document.manifest !== undefined) {
    const config = await configOf(reference, document.manifest.config, reading)
    if (config !== undefined) configs.set(formatPlatform(config), config)
    return configs
  }
  for (const entry of document.index?.manifests ?? []) {
    const { platform } = entry
    if (!isManifestType(entry.mediaType) || platform === undefined || platform.os === 'unknown') continue
    const { manifest } = await reading.client.manifest(withDigest(reference, entry.digest), reading)
    const config = manifest && (await configOf(reference, manifest.config, reading))
    if (config !== undefined) configs.set(formatPlatform(platform), config)
  }
  return configs
}

const CONFIG_LIMIT = 4 << 20
const IMAGE_CONFIG = /^application\/vnd\.(?:oci\.image\.config|docker\.container\.image)\.v1\+json$/

async function configOf(
  reference: Reference,
  descriptor: Descriptor,
  { client, signal }: Reading,
): Promise<ImageConfig | undefined> {
  if (!IMAGE_CONFIG.test(descriptor.mediaType)) return undefined
  if (descriptor.size > CONFIG_LIMIT) {
    throw new CooperageError('E_LIMIT', `the config ${descriptor.digest} has ${descriptor.size} bytes`, {
      data: { limit: CONFIG_LIMIT },
    })
  }
  const chunks: Uint8Array[] = []
  for await (const chunk of client.content(reference, { signal }).read(descriptor, { signal })) {
    chunks.push(Buffer.from(chunk))
  }
  return parseConfig(Buffer.concat(chunks))
}
