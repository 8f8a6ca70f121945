import { readFile } from 'node:fs/promises'
import type { Invocation } from '../invocation.js'

/** What `cooper version` answers. */
export interface VersionInfo {
  readonly version: string
  readonly node: string
  readonly platform: string
}

/** `cooper version`: asks nothing of the store. */
export async function run({ flags, terminal }: Invocation): Promise<void> {
  const info = await versionInfo()
  const text = `cooper ${info.version} (Node ${info.node}, ${info.platform})\n`
  await terminal.print(flags.text('format') === 'json' ? `${JSON.stringify(info)}\n` : text)
}

export async function versionInfo(): Promise<VersionInfo> {
  const manifest = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  return {
    version: manifest.version,
    node: process.versions.node,
    platform: `${process.platform}/${process.arch}`,
  }
}
