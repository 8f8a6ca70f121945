import { type Descriptor, type Digest, isDigest, type Store } from '@cooperage/store'
import type { LayerOrigin } from '../execute/file-system.js'

/** The layer that a step made once. */
export interface StepResult {
  readonly diffId: Digest
  /** Of the uncompressed layer, in bytes. */
  readonly size: number
  /** When the step ran, RFC 3339. A later build that finds the layer keeps this time, and so the same image. */
  readonly created: string
  /** Of a layer found in a shared cache: its blob there, and how to get it. */
  readonly descriptor?: Descriptor
  readonly origin?: LayerOrigin
}

const KIND = 'step'

/**
 * The layer of this key, if it is known and its blob is there. One record and one stat, whatever the size of the
 * cache or of the layer. Anything wrong with the record is a miss.
 */
export async function findStep(store: Store, key: Digest): Promise<StepResult | undefined> {
  const text = await store.records.getText(KIND, key)
  const result = text === undefined ? undefined : parse(text)
  if (result === undefined) return undefined
  const blob = await store.blobs.stat(result.diffId)
  return blob?.size === result.size ? result : undefined
}

/** Remembers a layer. The blob must be in the store already. */
export async function rememberStep(store: Store, key: Digest, result: StepResult): Promise<void> {
  const { diffId, size, created } = result
  await store.records.put(KIND, key, JSON.stringify({ diffId, size, created, blobs: [diffId] }))
}

function parse(text: string): StepResult | undefined {
  try {
    const { diffId, size, created } = JSON.parse(text) as Partial<StepResult>
    if (!isDigest(diffId) || !Number.isSafeInteger(size) || typeof created !== 'string') return undefined
    return { diffId, size: size as number, created }
  } catch {
    return undefined
  }
}
