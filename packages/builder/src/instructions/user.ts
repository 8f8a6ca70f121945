import type { UserCommand } from './commands.js'
import { baseOf, onlyArgument, type Request, refuseFlags } from './request.js'

export function parseUser(request: Request): UserCommand {
  const user = onlyArgument(request)
  refuseFlags(request)
  return { kind: 'user', ...baseOf(request), user }
}
