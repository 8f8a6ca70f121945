import type { ExecutorSetting } from './executor-setting.js'
import type { FileAccess } from './file-access.js'
import { enterCommand } from './init/enter-program.js'
import { countIds } from './machine.js'

/** How the files of containers are dealt with, for executors that mount. */
export function fileAccess({ tools, arch, maps, overlay, devices }: ExecutorSetting): FileAccess {
  const manyIds = maps?.manyIds ?? Math.min(countIds('uid'), countIds('gid')) > 1
  return {
    enter: enterCommand({ perl: tools.perl, arch, tools, ...(maps && { maps }) }),
    overlay,
    owners: manyIds ? 'all' : 'one',
    devices: devices && maps === undefined,
  }
}
