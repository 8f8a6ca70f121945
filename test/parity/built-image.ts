import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gunzipSync } from 'node:zlib'
import { type ImageConfig, type Manifest, readTar } from '@cooperage/store'

/** All that two builders can disagree about. */
export interface Built {
  /** What the builder wrote when it failed; nothing else is there then. */
  readonly error?: string
  readonly manifest?: string
  readonly diffIds?: readonly string[]
  /** What each layer holds, in its order. */
  readonly layers?: readonly (readonly string[])[]
  readonly config?: Omit<ImageConfig, 'history' | 'rootfs'>
  readonly history?: readonly string[]
}

/**
 * Reads an OCI layout whose layers are not compressed. Of an image that stands on one of these, given by the diffIDs
 * of its layers, neither their layers nor the manifest are told: they differ with the programs of the base.
 */
export async function readBuilt(layout: string, bases?: readonly (readonly string[])[]): Promise<Built> {
  const json = (path: string) => JSON.parse(readFileSync(join(layout, path), 'utf8')) as unknown
  const blob = (digest: string) => `blobs/${digest.replace(':', '/')}`
  const index = json('index.json') as { manifests: readonly { digest: string }[] }
  const [{ digest }] = index.manifests as [{ digest: string }]
  const manifest = json(blob(digest)) as Manifest
  const { history, rootfs, ...config } = json(blob(manifest.config.digest)) as ImageConfig
  const diffIds = rootfs.diff_ids ?? []
  const stands = (bases ?? []).filter((base) => base.every((id, index) => diffIds[index] === id))
  const below = Math.max(0, ...stands.map(({ length }) => length))
  const layers = []
  for (const layer of (manifest.layers ?? []).slice(below))
    layers.push(await rowsOf(join(layout, blob(layer.digest))))
  return {
    ...(bases === undefined && { manifest: digest }),
    diffIds: diffIds.slice(below),
    layers,
    config,
    history: (history ?? []).map(
      ({ created_by = '', empty_layer = false, comment = '', created = '', author }) =>
        `${empty_layer ? '-' : '+'} ${created} ${created_by} (${comment})${author === undefined ? '' : ` by ${author}`}`,
    ),
  }
}

async function rowsOf(path: string): Promise<string[]> {
  const rows: string[] = []
  for await (const { entry, content } of entriesOf(path)) {
    const { name, type, mode, uid, gid, mtime, linkname, xattrs } = entry
    const hash = createHash('sha256').update(content).digest('hex').slice(0, 12)
    const extended = [...xattrs].map(([key, value]) => ` ${key}=${Buffer.from(value).toString('hex')}`)
    const link = linkname === '' ? '' : ` -> ${linkname}`
    const bytes = type === 'file' ? ` ${hash}` : ''
    rows.push(`${name} ${type} ${mode.toString(8)} ${uid}:${gid} ${mtime}${link}${bytes}${extended.join('')}`)
  }
  return rows
}

/** A base image may have come compressed, and stays so. */
function contentOf(path: string): AsyncIterable<Uint8Array> {
  const bytes = readFileSync(path)
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b
  return Readable.from([isGzip ? gunzipSync(bytes) : bytes])
}

async function* entriesOf(path: string) {
  for await (const item of readTar(contentOf(path))) {
    const chunks: Uint8Array[] = []
    for await (const chunk of item.content()) chunks.push(Uint8Array.from(chunk))
    yield { entry: item.entry, content: Buffer.concat(chunks) }
  }
}
