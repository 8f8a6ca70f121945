import { CooperageError } from '@cooperage/store'
import type { Executor } from './sandbox/executor.js'
import { findTools } from './sandbox/host-tools.js'
import { OciExecutor } from './sandbox/oci-executor.js'
import { UnshareExecutor } from './sandbox/unshare-executor.js'

/** The strongest executor that works on this machine. @throws E_NO_EXECUTOR */
export async function findExecutor(): Promise<Executor> {
  const tools = findTools()
  if (process.getuid?.() === 0 && tools.perl !== undefined) {
    const setting = {
      tools: { ...tools, perl: tools.perl },
      arch: process.arch as 'x64',
      overlay: 'kernel',
      devices: true,
    } as const
    if (tools.runc === undefined) return new UnshareExecutor(setting)
    return new OciExecutor({ ...setting, runtime: { name: 'runc', path: tools.runc, version: '' } })
  }
  throw new CooperageError('E_NO_EXECUTOR', 'this version runs processes for root alone', {
    category: 'sandbox',
    hint:
      'build that stage with another tool, save it as an OCI layout and bring it in under the name of the stage ' +
      'with --build-context NAME=oci-layout://PATH, or choose a --target that needs no RUN',
  })
}
