import { closeSync, constants, openSync, statfsSync } from 'node:fs'
import { type ByteString, CooperageError, hostPath, toUtf8 } from '@cooperage/store'

const PROC_SUPER_MAGIC = 0x9fa0
/** PATH_MAX is 4096 with the final zero byte. */
const LONGEST_PATH = 4_095
const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW

let descriptors: boolean | undefined

/** Whether `/proc/self/fd/N` leads to an open directory, so that paths can start from there. */
export function canStartAtDescriptor(): boolean {
  descriptors ??= process.platform === 'linux' && isProcfs()
  return descriptors
}

function isProcfs(): boolean {
  try {
    return statfsSync('/proc').type === PROC_SUPER_MAGIC
  } catch {
    return false
  }
}

/**
 * Calls `use` with a path to the same place that the kernel accepts. Paths beyond PATH_MAX are walked in pieces, each
 * from the open directory that the last one led to.
 * @throws E_CTX_PATH where that is not possible, and what `use` throws
 */
export function reachPath<Result>(path: ByteString, use: (path: string | Buffer) => Result): Result {
  if (path.length <= LONGEST_PATH) return use(hostPath(path))
  if (!canStartAtDescriptor()) {
    throw new CooperageError(
      'E_CTX_PATH',
      `the path is too long for this system: ${toUtf8(path).slice(0, 200)}…`,
      {
        hint: 'leave the directory out with .dockerignore, or move the context up',
        data: { expected: LONGEST_PATH, found: path.length },
      },
    )
  }
  let base = -1
  let rest = path
  try {
    while (rest.length > LONGEST_PATH - 64) {
      const cut = rest.lastIndexOf('/', LONGEST_PATH - 64)
      const next = openSync(hostPath(from(base, rest.slice(0, cut))), DIRECTORY)
      if (base >= 0) closeSync(base)
      base = next
      rest = rest.slice(cut + 1)
    }
    return use(hostPath(from(base, rest)))
  } finally {
    if (base >= 0) closeSync(base)
  }
}

function from(base: number, rest: ByteString): ByteString {
  return base < 0 ? rest : `/proc/self/fd/${base}/${rest}`
}
