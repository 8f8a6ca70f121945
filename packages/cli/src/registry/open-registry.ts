import type { Store } from '@cooperage/store'
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
import { referenceOf } from './typed-names.js'

/** A client that knows what this machine's configurations say. */
export interface Registry {
  readonly client: RegistryClient
  readonly aliases: Aliases
  /** Another client, for which any certificate, and http, will do on these hosts. */
  readonly insecureClient: (hosts: readonly string[]) => Promise<RegistryClient>
}

type Opening = Pick<Invocation, 'settings' | 'env' | 'terminal'>

/**
 * Opens a client for one command; whoever opens it disposes it. `names`: of hosts for which any certificate will do.
 * @throws E_CONFIG_FILE, E_REF
 */
export async function openRegistry(invocation: Opening, names: readonly string[] = []): Promise<Registry> {
  const { env } = invocation
  const { lists, aliases } = await registryRules(await invocation.settings(), env)
  const references = await Promise.all(names.map((name) => referenceOf(name, aliases)))
  const insecure = references.map(({ domain }) => domain)
  const onWarning = warningsOf(invocation)
  const credentials = credentialsOf(invocation, onWarning)
  const certificates = hostCertificates({ directories: certificateDirectories(env) })
  const open = (hosts: readonly string[]) =>
    createRegistryClient({
      environment: env,
      endpoints: ruleEndpoints({ rules: lists, insecure: hosts, certificates, environment: env, onWarning }),
      credentials,
    })
  return {
    client: open(insecure),
    aliases,
    insecureClient: async (hosts) => open([...insecure, ...hosts]),
  }
}

function credentialsOf({ env }: Opening, onWarning: (message: string) => void): CredentialSource {
  const uid = process.getuid?.()
  return systemCredentials({ environment: env, ...(uid === undefined ? {} : { uid }), onWarning })
}

/** Says each warning once. */
function warningsOf({ terminal }: Opening): (message: string) => void {
  const said = new Set<string>()
  return (message) => {
    if (!said.has(message)) terminal.say(`warning: ${escapeLine(message)}\n`)
    said.add(message)
  }
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
