import { CooperageError } from '@cooperage/store'
import type { ContainerLimits } from './container.js'
import { readProc } from './read-proc.js'
import { rlimitNumber, rlimitValue } from './rlimits.js'

type Ulimit = ContainerLimits['ulimits'][number]

/** Refuses what setrlimit(2) would. `mayRaise`: this process may raise hard limits. @throws E_SANDBOX */
export function checkUlimits(ulimits: readonly Ulimit[], { mayRaise }: { readonly mayRaise: boolean }): void {
  if (ulimits.length === 0) return
  const own = hardLimits()
  // Nobody may have more open files, whatever their rights.
  const openFiles = BigInt(readProc('sys/fs/nr_open')?.trim() ?? rlimitValue(-1))
  for (const ulimit of ulimits) {
    const { name, soft, hard } = ulimit
    const here = own[rlimitNumber(name)]
    const wanted = rlimitValue(hard)
    if (rlimitValue(soft) > wanted) throw cannot(ulimit, 'the soft limit is above the hard one', wanted)
    if (name === 'nofile' && wanted > openFiles)
      throw cannot(ulimit, `the kernel allows ${openFiles} (/proc/sys/fs/nr_open)`, openFiles)
    if (here !== undefined && wanted > here && !mayRaise) {
      const why = `the hard limit here is ${here}, and only root with CAP_SYS_RESOURCE may raise it`
      throw cannot(ulimit, why, here)
    }
  }
}

/** By their numbers: a line of the kernel's `lnames` for each, after a heading. */
function hardLimits(): bigint[] {
  const lines = (readProc('self/limits') ?? '').trim().split('\n').slice(1)
  return lines.map((line) => {
    const [, , hard = ''] = line.split(/\s{2,}/)
    return rlimitValue(/^\d+$/.test(hard) ? Number(hard) : -1)
  })
}

function cannot({ name, soft, hard }: Ulimit, why: string, most: bigint): CooperageError {
  const value = soft === hard ? `${hard}` : `${soft}:${hard}`
  return new CooperageError('E_SANDBOX', `--ulimit ${name}=${value} cannot be had: ${why}`, {
    category: 'sandbox',
    hint: `leave it out, or give --ulimit ${name} a limit of at most ${most}`,
    data: { name, soft, hard },
  })
}
