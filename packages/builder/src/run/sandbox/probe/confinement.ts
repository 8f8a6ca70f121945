import { accessSync, constants, existsSync } from 'node:fs'
import { hasErrno } from '@cooperage/store'
import { hierarchies } from '../cgroups.js'
import { readProc } from '../read-proc.js'

const OF_STATUS = /^(?:NoNewPrivs|Seccomp|Seccomp_filters|Cap(?:Eff|Bnd)):.*$/gm

/** What whoever started this process keeps it from, as far as an executor may fail for it. */
export function confinement(): unknown {
  return {
    status: readProc('self/status')?.match(OF_STATUS),
    label: label(),
    // Not where they are: each session of a user has its own.
    groups: hierarchies({ withoutControllers: true }).map(({ controllers, directory }) => [
      controllers,
      isWritable(directory),
    ]),
    fuse: existsSync('/dev/fuse'),
    covered: coveredInProc(),
  }
}

/** Of the security module; its file cannot be read where there is none. */
function label(): string | undefined {
  try {
    return readProc('self/attr/current')
  } catch (error) {
    if (hasErrno(error, 'EINVAL', 'EPERM', 'EOPNOTSUPP')) return undefined
    throw error
  }
}

function isWritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK)
    return true
  } catch (error) {
    if (hasErrno(error, 'EACCES', 'EPERM', 'EROFS', 'ENOENT')) return false
    throw error
  }
}

/** Parts of /proc upon which something is mounted: a user namespace gets no other /proc there. */
function coveredInProc(): string[] {
  const places = (readProc('self/mountinfo') ?? '').split('\n').map((line) => line.split(' ')[4] ?? '')
  // What is mounted when somebody first looks is mounted twice from then on.
  return [...new Set(places.filter((place) => place.startsWith('/proc/')))].sort()
}
