import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { sharedPath } from './shared.js'
import type { Workspace } from './workspace.js'

/**
 * The OCI layout of a base image: in COOPERAGE_BASES or /var/tmp/bases, where `tools/make-bases` has put it. busybox is
 * made when it is missing. Undefined (and a printed line) where it cannot be had.
 */
export function baseLayout(name: 'busybox' | 'debian' | 'debian-node', space: Workspace): string | undefined {
  const bases = process.env.COOPERAGE_BASES ?? '/var/tmp/bases'
  if (existsSync(join(bases, name))) return join(bases, name)
  const tool = name === 'busybox' && process.getuid?.() === 0 ? sharedPath('tools/make-bases') : undefined
  try {
    if (tool !== undefined) {
      execFileSync(tool, ['--only', name, '--no-install', space.path('bases')], { stdio: 'ignore' })
      return join(space.path('bases'), name)
    }
  } catch {
    // Said below.
  }
  console.log(`skipped: no base image ${name} in ${bases}`)
  return undefined
}
