import { type ExecutorSetting, guardsDevices } from './executor-setting.js'
import type { FileAccess } from './file-access.js'
import { idsOf, userNamespace } from './id-maps.js'
import { enterCommand } from './init/enter-program.js'

/** How the files of containers are dealt with, for executors that mount. */
export function fileAccess(setting: ExecutorSetting): FileAccess {
  const { tools, arch, maps, overlay, devices } = setting
  const ids = idsOf(maps)
  return {
    // Of the helper that makes the containers: a second one would have to start.
    place: {
      perl: tools.perl,
      arch,
      guardsDevices: guardsDevices(setting),
      first: maps === undefined ? [] : [userNamespace(maps, tools)],
    },
    enter: enterCommand({ perl: tools.perl, arch, tools, ...(maps && { maps }) }),
    overlay,
    owners: ids > 1 ? 'all' : 'one',
    ids,
    devices: devices && maps === undefined,
  }
}
