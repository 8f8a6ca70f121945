import type { ExecutorSetting } from './executor-setting.js'
import type { FileAccess } from './file-access.js'
import { idsOf, userNamespace } from './id-maps.js'
import { enterCommand } from './init/enter-program.js'

/** How the files of containers are dealt with, for executors that mount. */
export function fileAccess({ tools, arch, maps, overlay, devices }: ExecutorSetting): FileAccess {
  return {
    place: { perl: tools.perl, arch, first: maps === undefined ? [] : [userNamespace(maps, tools)] },
    enter: enterCommand({ perl: tools.perl, arch, tools, ...(maps && { maps }) }),
    overlay,
    owners: idsOf(maps) > 1 ? 'all' : 'one',
    devices: devices && maps === undefined,
  }
}
