import { commandLine } from './command-line.js'
import type { EntrypointCommand } from './commands.js'
import { baseOf, type Request, refuseFlags } from './request.js'

export function parseEntrypoint(request: Request): EntrypointCommand {
  refuseFlags(request)
  return { kind: 'entrypoint', ...baseOf(request), command: commandLine(request) }
}
