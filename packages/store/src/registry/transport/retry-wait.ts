import { isCooperageError } from '../../errors.js'

const FIRST_WAIT = 500
/** A server that was silent for a minute rarely speaks in the next. */
const TIMEOUT_TRIES = 2
/** Where another server can be asked, that is faster than to wait. */
const MIRROR_TRIES = 2
const MIRROR_WAIT = 1000

export interface RetryPolicy {
  readonly tries: number
  /** In milliseconds. */
  readonly longestWait: number
  /** True when this server has answered before: then a refused connection is a restart, not a wrong address. */
  readonly wasAlive: boolean
  readonly isMirror: boolean
}

/** Milliseconds until a request is sent again; undefined for a failure that would come again. The first try is 1. */
export function retryWait(error: unknown, tried: number, policy: RetryPolicy): number | undefined {
  const { isMirror } = policy
  const tries = isMirror ? Math.min(policy.tries, MIRROR_TRIES) : policy.tries
  if (!isCooperageError(error) || tried >= tries) return undefined
  const { code, data } = error
  const longestWait = isMirror ? Math.min(policy.longestWait, MIRROR_WAIT) : policy.longestWait
  const wait = Math.min(longestWait, FIRST_WAIT * 2 ** (tried - 1) * (0.75 + Math.random() / 2))
  if (code === 'E_REG_RATE' || (code === 'E_REG_SERVER' && data.status !== 501 && data.status !== 505)) {
    const asked = typeof data.retryAfter === 'number' ? data.retryAfter * 1000 : wait
    return isMirror && asked > longestWait ? undefined : Math.min(longestWait, asked)
  }
  if (data.temporary === true) return wait
  if (code === 'E_CONNECT') return policy.wasAlive ? wait : undefined
  return code === 'E_TIMEOUT' && policy.wasAlive && tried < TIMEOUT_TRIES ? wait : undefined
}
