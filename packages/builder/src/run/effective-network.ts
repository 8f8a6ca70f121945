import { CooperageError } from '@cooperage/store'
import type { RunOperation } from '../plan/plan.js'
import type { RunNetwork, RunOptions } from './run-options.js'

const NETWORKS: readonly string[] = ['default', 'none', 'host']
const SECURITY: readonly string[] = ['sandbox', 'insecure']

/**
 * The network that a RUN gets: what it asks for, else that of the build.
 * @throws E_ENTITLEMENT for rights that the caller did not grant, E_DF_FLAG
 */
export function effectiveNetwork(operation: RunOperation, options: RunOptions): RunNetwork {
  const { network, location } = operation
  if (!NETWORKS.includes(network)) {
    throw new CooperageError('E_DF_FLAG', `unsupported network mode "${network}"`, { location })
  }
  const common = options.network ?? 'default'
  const wanted = network === 'default' ? common : (network as RunNetwork)
  if (wanted === 'host' && common !== 'host') needs('network.host', operation, options)
  return wanted
}

/** True for RUN --security=insecure. @throws E_ENTITLEMENT, E_DF_FLAG */
export function isInsecure(operation: RunOperation, options: RunOptions): boolean {
  const { security, location } = operation
  if (!SECURITY.includes(security)) {
    throw new CooperageError('E_DF_FLAG', `security mode "${security}" is not valid`, { location })
  }
  if (security !== 'insecure') return false
  needs('security.insecure', operation, options)
  return true
}

function needs(entitlement: string, { location, text }: RunOperation, { allow = [] }: RunOptions): void {
  if (allow.includes(entitlement)) return
  throw new CooperageError(
    'E_ENTITLEMENT',
    `${entitlement} is not allowed, and a step asks for it: ${text}`,
    {
      location,
      hint: `grant it with --allow ${entitlement}, if you trust this Dockerfile`,
      data: { entitlement },
    },
  )
}
