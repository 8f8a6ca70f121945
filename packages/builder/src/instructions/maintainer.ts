import type { MaintainerCommand } from './commands.js'
import { baseOf, onlyArgument, type Request, refuseFlags } from './request.js'

export function parseMaintainer(request: Request): MaintainerCommand {
  const maintainer = onlyArgument(request)
  refuseFlags(request)
  return { kind: 'maintainer', ...baseOf(request), maintainer }
}
