import { CooperageError } from '@cooperage/store'
import type { ContainerLimits } from './container.js'
import type { Operation } from './init/operation.js'

// asm-generic/resource.h, which the processors we know share: a limit's number is its place.
const NAMES = [
  'cpu',
  'fsize',
  'data',
  'stack',
  'core',
  'rss',
  'nproc',
  'nofile',
  'memlock',
  'as',
  'locks',
  'sigpending',
  'msgqueue',
  'nice',
  'rtprio',
  'rttime',
]

/** The number of a limit, by the name that `docker build --ulimit` has for it. @throws E_SANDBOX */
export function rlimitNumber(name: string): number {
  const number = NAMES.indexOf(name)
  if (number !== -1) return number
  throw new CooperageError('E_SANDBOX', `there is no limit named ${JSON.stringify(name)}`, {
    category: 'user',
    hint: `limits are ${NAMES.join(', ')}`,
    data: { name },
  })
}

/** -1 is no limit, as for Docker. */
export function rlimitValue(value: number): bigint {
  return value < 0 ? (1n << 64n) - 1n : BigInt(value)
}

/** For a process of ours, before it is the container's. */
export function rlimitOperations({ ulimits }: ContainerLimits): Operation[] {
  return ulimits.map(({ name, soft, hard }) => [
    'rlimit',
    rlimitNumber(name),
    rlimitValue(soft),
    rlimitValue(hard),
    name,
  ])
}
