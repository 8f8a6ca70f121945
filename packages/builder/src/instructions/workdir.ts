import type { WorkdirCommand } from './commands.js'
import { baseOf, onlyArgument, type Request, refuseFlags } from './request.js'

export function parseWorkdir(request: Request): WorkdirCommand {
  const path = onlyArgument(request)
  refuseFlags(request)
  return { kind: 'workdir', ...baseOf(request), path }
}
