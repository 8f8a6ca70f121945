import type { Executor } from '@cooperage/builder'
import { findTools } from '../packages/builder/src/run/sandbox/host-tools.js'
import { OciExecutor } from '../packages/builder/src/run/sandbox/oci-executor.js'
import { UnshareExecutor } from '../packages/builder/src/run/sandbox/unshare-executor.js'

/** What runs RUN in tests of other things; undefined (and a printed line) where nothing can. */
export async function runExecutor(overlay: 'kernel' | 'none' = 'kernel'): Promise<Executor | undefined> {
  const tools = findTools()
  if (process.getuid?.() === 0 && tools.perl !== undefined) {
    const setting = {
      tools: { ...tools, perl: tools.perl },
      arch: process.arch as 'x64',
      overlay,
      devices: true,
    }
    if (process.env.EX === 'unshare') return new UnshareExecutor(setting)
    return new OciExecutor({ ...setting, runtime: { name: 'runc', path: tools.runc!, version: '1' } })
  }
  console.log('skipped: no process can be run')
  return undefined
}
