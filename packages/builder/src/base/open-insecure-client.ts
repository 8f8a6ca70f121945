import { CooperageError, parseReference } from '@cooperage/store'
import type { RegistryClient } from '@cooperage/store/registry'
import type { RegistryOpener } from './registry-opener.js'

/** A client for which any certificate will do on the hosts of these names; the caller disposes it. @throws E_NO_REGISTRY */
export async function openInsecureClient(
  registry: RegistryOpener,
  names: readonly string[],
): Promise<RegistryClient> {
  const { insecureClient } = await registry()
  if (insecureClient === undefined) {
    throw new CooperageError('E_NO_REGISTRY', 'this build speaks to no insecure registry', {
      hint: 'give the build an insecureClient with its registry, or a client whose endpoints are insecure',
    })
  }
  return insecureClient(names.map((name) => parseReference(name).domain))
}
