import { type CacheRecords, encodeRecords, parseRecords } from './cache-documents.js'

// A cache that travels in the config of the image whose layers it names.

/** The field of the config. Readers of images pass over fields that they do not know (image-spec, config.md). */
const INLINE_FIELD = 'cooperage.cache.v1'

/** The config's bytes with the records in it, as base64 like BuildKit's: nobody takes them for part of the image. */
export function withInlineCache(configBytes: Uint8Array, records: CacheRecords): Uint8Array {
  const config = JSON.parse(Buffer.from(configBytes).toString('utf8')) as Record<string, unknown>
  config[INLINE_FIELD] = Buffer.from(encodeRecords(records)).toString('base64')
  return Buffer.from(JSON.stringify(config))
}

/** The records of a config; those whose layer is not the one of that place in the image are left out. */
export function inlineRecords(configBytes: Uint8Array, diffIds: readonly string[]): CacheRecords | undefined {
  const config = JSON.parse(Buffer.from(configBytes).toString('utf8')) as Record<string, unknown>
  const text = config[INLINE_FIELD]
  if (typeof text !== 'string') return undefined
  const records = parseRecords(Buffer.from(text, 'base64'), diffIds.length)
  if (records === undefined) return undefined
  return new Map([...records].filter(([, { diffId, layer }]) => diffIds[layer] === diffId))
}
