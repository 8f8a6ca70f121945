import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseConfig, parseManifest } from '@cooperage/store'
import { baseLayout } from '../base-images.js'
import type { Workspace } from '../workspace.js'

/** An image with programs that cases with RUN stand on. */
export interface RunBase {
  /** As FROM says it. */
  readonly name: string
  /** An OCI layout. */
  readonly layout: string
  readonly diffIds: readonly string[]
}

/** The bases that are there; copied into the workspace for a daemon that reads and locks them. */
export function runBases(space: Workspace, { copied = false } = {}): readonly RunBase[] {
  return (['busybox', 'debian', 'debian-node'] as const).flatMap((name) => {
    const found = baseLayout(name, space)
    if (found === undefined) return []
    const layout = copied ? space.path(`layout-${name}`) : found
    if (copied) cpSync(found, layout, { recursive: true })
    return [{ name, layout, diffIds: diffIdsOf(layout) }]
  })
}

function diffIdsOf(layout: string): readonly string[] {
  const blob = (digest: string) => readFileSync(join(layout, 'blobs', digest.replace(':', '/')))
  const index = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8')) as {
    manifests: { digest: string }[]
  }
  const manifest = parseManifest(blob(index.manifests[0]!.digest))
  return parseConfig(blob(manifest.config.digest)).rootfs.diff_ids ?? []
}
