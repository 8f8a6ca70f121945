import { commandLine } from './command-line.js'
import type { CmdCommand } from './commands.js'
import { baseOf, type Request, refuseFlags } from './request.js'

export function parseCmd(request: Request): CmdCommand {
  refuseFlags(request)
  return { kind: 'cmd', ...baseOf(request), command: commandLine(request) }
}
