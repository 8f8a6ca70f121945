import { CooperageError } from '@cooperage/store'
import type { Executor } from './sandbox/executor.js'

/** The strongest executor that works on this machine. @throws E_NO_EXECUTOR */
export async function findExecutor(): Promise<Executor> {
  throw new CooperageError('E_NO_EXECUTOR', 'this version looks for no executor of its own', {
    category: 'sandbox',
    hint:
      'build that stage with another tool, save it as an OCI layout and bring it in under the name of the stage ' +
      'with --build-context NAME=oci-layout://PATH, or choose a --target that needs no RUN',
  })
}
