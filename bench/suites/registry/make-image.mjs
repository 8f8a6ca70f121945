import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { filler } from './filler.mjs'

/** @typedef {{ mediaType: string, digest: string, size: number }} Descriptor */

const type = (/** @type {string} */ name) => `application/vnd.oci.image.${name}`
const layerCount = 8
const filesInLayer = 60
const fileSize = 1 << 20

/**
 * Writes an image of 8 layers of 60 files of 1 MiB as an OCI layout, tagged `latest`. None of our own code takes part.
 * @param {string} layout
 * @param {number} scale of the number of files
 * @returns {Promise<number>} bytes of its layers, compressed
 */
export async function makeImage(layout, scale) {
  const blobs = join(layout, 'blobs', 'sha256')
  await mkdir(blobs, { recursive: true })
  const files = Math.max(1, Math.round(filesInLayer * scale))
  const layers = []
  for (let number = 1; number <= layerCount; number++) layers.push(await writeLayer(blobs, number, files))

  const config = await writeDocument(blobs, type('config.v1+json'), {
    architecture: 'amd64',
    os: 'linux',
    config: {},
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
  })
  const manifest = await writeDocument(blobs, type('manifest.v1+json'), {
    schemaVersion: 2,
    mediaType: type('manifest.v1+json'),
    config,
    layers: layers.map(({ descriptor }) => descriptor),
  })
  const annotations = { 'org.opencontainers.image.ref.name': 'latest' }
  await writeFile(join(layout, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }))
  await writeFile(
    join(layout, 'index.json'),
    JSON.stringify({
      schemaVersion: 2,
      mediaType: type('index.v1+json'),
      manifests: [{ ...manifest, annotations }],
    }),
  )
  return layers.reduce((sum, { descriptor }) => sum + descriptor.size, 0)
}

/**
 * @param {string} blobs
 * @param {number} number
 * @param {number} files
 * @returns {Promise<{ diffId: string, descriptor: Descriptor }>}
 */
async function writeLayer(blobs, number, files) {
  // Not at the top: a checkout in which nothing is installed yet must get as far as installing it.
  const { pack } = await import('tar-stream')
  const tar = pack()
  const [plain, packed] = [createHash('sha256'), createHash('sha256')]
  let size = 0
  const temporary = join(blobs, `layer-${number}`)
  const written = pipeline(
    tar,
    new PassThrough().on('data', (chunk) => plain.update(chunk)),
    createGzip(),
    new PassThrough().on('data', (chunk) => {
      packed.update(chunk)
      size += chunk.length
    }),
    createWriteStream(temporary),
  )
  for (let file = 1; file <= files; file++) {
    const name = `layer-${number}/file-${file}`
    const header = { name, mode: 0o644, mtime: new Date(0) }
    await new Promise((resolve, reject) => {
      tar.entry(header, filler(name, fileSize), (error) => (error ? reject(error) : resolve(undefined)))
    })
  }
  tar.finalize()
  await written
  const digest = packed.digest('hex')
  await rename(temporary, join(blobs, digest))
  return {
    diffId: `sha256:${plain.digest('hex')}`,
    descriptor: { mediaType: type('layer.v1.tar+gzip'), digest: `sha256:${digest}`, size },
  }
}

/**
 * @param {string} blobs
 * @param {string} mediaType
 * @param {object} value
 * @returns {Promise<Descriptor>}
 */
async function writeDocument(blobs, mediaType, value) {
  const bytes = Buffer.from(JSON.stringify(value))
  const digest = createHash('sha256').update(bytes).digest('hex')
  await writeFile(join(blobs, digest), bytes)
  return { mediaType, digest: `sha256:${digest}`, size: bytes.length }
}
