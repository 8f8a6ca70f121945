import { Complaint } from '../dockerfile/complaint.js'
import type { ShellCommand } from './commands.js'
import { baseOf, type Request, refuseFlags, requireArguments } from './request.js'

export function parseShell(request: Request): ShellCommand {
  refuseFlags(request)
  requireArguments(request)
  if (!request.node.json) {
    throw new Complaint('E_DF_SYNTAX', 'SHELL requires the arguments to be in JSON form', {
      hint: 'write SHELL ["executable", "parameter"]; a backslash in a path is written twice',
    })
  }
  return { kind: 'shell', ...baseOf(request), shell: request.args }
}
