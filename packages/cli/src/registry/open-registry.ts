import {
  defaultPlatform,
  expandShortName,
  hasRegistry,
  type Platform,
  parsePlatform,
  parseReference,
  type Reference,
  type Store,
  withDefaultTag,
} from '@cooperage/store'
import { CooperageError, isCooperageError } from '@cooperage/store/errors'
import {
  type CredentialSource,
  certificateDirectories,
  createRegistryClient,
  hostCertificates,
  type RegistryClient,
  ruleEndpoints,
  systemCredentials,
} from '@cooperage/store/registry'
import type { Invocation } from '../invocation.js'
import { escapeLine } from '../render/escape.js'
import { withStore } from '../with-store.js'
import { type Aliases, registryRules } from './registry-rules.js'

/** A client that knows what this machine's configurations say. */
export interface Registry {
  readonly client: RegistryClient
  readonly aliases: Aliases
  /** Another client, for which any certificate, and http, will do on these hosts. */
  readonly insecureClient: (hosts: readonly string[]) => Promise<RegistryClient>
}

type Opening = Pick<Invocation, 'settings' | 'env' | 'terminal'>

/** Opens a client for one command; whoever opens it disposes it. `insecure`: hosts. @throws E_CONFIG_FILE */
export async function openRegistry(invocation: Opening, insecure: readonly string[] = []): Promise<Registry> {
  const { env } = invocation
  const { lists, aliases } = await registryRules(await invocation.settings(), env)
  const credentials = credentialsOf(invocation)
  const certificates = hostCertificates({ directories: certificateDirectories(env) })
  const open = (hosts: readonly string[]) =>
    createRegistryClient({
      environment: env,
      endpoints: ruleEndpoints({ rules: lists, insecure: hosts, certificates, environment: env }),
      credentials,
    })
  return {
    client: open(insecure),
    aliases,
    insecureClient: async (hosts) => open([...insecure, ...hosts]),
  }
}

function credentialsOf({ env, terminal }: Opening): CredentialSource {
  const uid = process.getuid?.()
  const said = new Set<string>()
  return systemCredentials({
    environment: env,
    ...(uid === undefined ? {} : { uid }),
    onWarning: (message) => {
      if (!said.has(message)) terminal.say(`warning: ${escapeLine(message)}\n`)
      said.add(message)
    },
  })
}

/** Opens a client, hands it over, and closes its connections. `insecure`: the references that `--tls-verify=false` is about. */
export async function withRegistry<T>(
  invocation: Invocation,
  insecure: readonly string[],
  use: (registry: Registry) => Promise<T>,
): Promise<T> {
  const registry = await openRegistry(invocation, insecure)
  await using _ = registry.client
  return await use(registry)
}

/** `withStore` and `withRegistry` in one: what each has to read first is read side by side. */
export async function withStoreAndRegistry<T>(
  invocation: Invocation,
  insecure: readonly string[],
  use: (store: Store, registry: Registry) => Promise<T>,
): Promise<T> {
  const opening = openRegistry(invocation, insecure)
  // Told when the store is open, unless that fails first.
  opening.catch(() => {})
  return withStore(invocation, async (store) => {
    const registry = await opening
    await using _ = registry.client
    return await use(store, registry)
  })
}

/** A name as a person types it, its alias replaced, with a tag or a digest. @throws E_REF */
export async function referenceOf(text: string, aliases: Aliases): Promise<Reference> {
  const expanded = hasRegistry(text) ? text : expandShortName(text, await aliases())
  let reference: Reference
  try {
    reference = withDefaultTag(parseReference(expanded))
  } catch (cause) {
    if (!isCooperageError(cause)) throw cause
    throw new CooperageError(cause.code, `not a name of an image: ${JSON.stringify(text.slice(0, 300))}`, {
      cause,
      data: cause.data,
      ...(cause.hint === undefined ? {} : { hint: cause.hint }),
    })
  }
  if (reference.domain !== '') return reference
  throw new CooperageError(
    'E_REF',
    `no registry can be read from the name ${JSON.stringify(text.slice(0, 300))}`,
    {
      hint: 'a registry is a host such as ghcr.io or localhost:5000',
    },
  )
}

/** The hosts of names for which `--tls-verify=false` was given; none where it was not. */
export function insecureHosts(
  invocation: Invocation,
  names: readonly string[],
  flag = 'tls-verify',
): string[] {
  const { flags } = invocation
  if (!flags.given(flag) || flags.on(flag)) return []
  return names.map((name) => parseReference(name).domain)
}

/** `--platform`, or this machine's. @throws E_PLATFORM */
export function platformOf(text: string | undefined): Platform {
  return text === undefined ? defaultPlatform() : parsePlatform(text)
}
