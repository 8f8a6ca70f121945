import { MAX_SECRET_BYTES, type Secret, type SecretLoader } from './secret.js'
import { secretError } from './secret-error.js'
import type { SecretSource } from './secret-source.js'

/**
 * The secrets of one build by their ids. That each can be had is looked at now; values are read when they are needed.
 * @throws E_SECRET_ID for an empty id, E_SECRET_MISSING, E_SECRET_FILE, E_SECRET_SIZE
 */
export async function openSecrets(secrets: Readonly<Record<string, Secret>> = {}): Promise<SecretSource> {
  const loaders = new Map<string, SecretLoader>()
  for (const [id, secret] of Object.entries(secrets)) {
    if (id === '') throw secretError('E_SECRET_ID', { id, problem: 'a secret needs an id' })
    const loader = secret instanceof Uint8Array ? given(secret) : secret
    await loader.check(id)
    loaders.set(id, loader)
  }
  return new OpenSecrets(loaders)
}

/** Values are in a private field: whoever logs or serialises the source shows none. */
class OpenSecrets implements SecretSource {
  readonly #loaders: ReadonlyMap<string, SecretLoader>
  readonly #values = new Map<string, Promise<Uint8Array>>()

  constructor(loaders: ReadonlyMap<string, SecretLoader>) {
    this.#loaders = loaders
  }

  async get(id: string, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    const known = this.#values.get(id)
    if (known !== undefined) return known
    const loader = this.#loaders.get(id)
    if (loader === undefined) return undefined
    const loading = loader.load(id, signal).then((value) => withinLimit(id, value))
    this.#values.set(id, loading)
    // What failed is tried again by the next who asks: the first may only have been interrupted.
    loading.catch(() => this.#values.delete(id))
    return loading
  }
}

function given(value: Uint8Array): SecretLoader {
  return {
    check: async (id) => void withinLimit(id, value),
    load: async () => value,
  }
}

function withinLimit(id: string, value: Uint8Array): Uint8Array {
  if (value.length <= MAX_SECRET_BYTES) return value
  throw secretError(
    'E_SECRET_SIZE',
    { id, problem: `it has more than ${MAX_SECRET_BYTES} bytes` },
    { data: { limit: MAX_SECRET_BYTES } },
  )
}
