import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Digest, digestOf } from '../packages/store/src/digest.js'
import { chainIds } from '../packages/store/src/image/chain-id.js'
import { encodeConfig } from '../packages/store/src/image/encode-config.js'
import { encodeManifest } from '../packages/store/src/image/encode-manifest.js'
import { parseConfig } from '../packages/store/src/image/parse-config.js'
import { parseJson } from '../packages/store/src/image/parse-json.js'
import { parseManifest } from '../packages/store/src/image/parse-manifest.js'
import type { ImageConfig } from '../packages/store/src/image/types.js'
import { sharedPath } from './shared.js'

const root = sharedPath('corpora/buildkit/compatibility')
const files = (name: string) =>
  root === undefined
    ? []
    : readdirSync(root, { recursive: true, encoding: 'utf8' })
        .filter((path) => path.endsWith(`/${name}`))
        .map((path) => join(root, path))

test.skipIf(root === undefined)("BuildKit's manifests are written again to the same bytes", () => {
  const manifests = files('manifest.json')
  expect(manifests).toHaveLength(34)
  for (const path of manifests) {
    const bytes = readFileSync(path)
    expect(Buffer.from(encodeManifest(parseManifest(bytes))).toString(), path).toBe(bytes.toString())
  }
})

test.skipIf(root === undefined)("BuildKit's configs are written again to the same bytes", () => {
  const configs = files('config.json')
  expect(configs).toHaveLength(24)
  for (const path of configs) {
    const bytes = readFileSync(path)
    const raw = parseJson(bytes, { what: 'config', code: 'E_CONFIG' })
    expect(Buffer.from(encodeConfig(raw as unknown as ImageConfig)).toString(), path).toBe(bytes.toString())
    const config = parseConfig(bytes)
    expect(config.rootfs.diff_ids).toHaveLength(
      (config.history ?? []).filter((entry) => !entry.empty_layer).length,
    )
  }
})

test.skipIf(root === undefined)("BuildKit's configs are what its manifests name", () => {
  for (const path of files('manifest.json')) {
    const config = path.replace('manifest.json', 'config.json')
    const common = config.replace(/compatibility\/(?:image|oci)\//, 'compatibility/common/')
    const bytes = readFileSync(existsSync(config) ? config : common)
    expect(parseManifest(readFileSync(path)).config, path).toMatchObject({
      digest: digestOf(bytes),
      size: bytes.length,
    })
  }
})

const vectors = sharedPath('corpora/oci/chain-id.json')

test.skipIf(vectors === undefined)('ChainIDs agree with the vectors', () => {
  const rows: { diff_ids: Digest[]; chain_ids: Digest[] }[] = JSON.parse(readFileSync(vectors ?? '', 'utf8'))
  expect(rows.length).toBeGreaterThan(5)
  for (const row of rows) expect(chainIds(row.diff_ids)).toEqual(row.chain_ids)
})
