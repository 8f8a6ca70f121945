import { Complaint } from '../dockerfile/complaint.js'
import { trimSpace, upperCase } from '../dockerfile/go-text.js'
import type { OnbuildCommand } from './commands.js'
import { baseOf, type Request, refuseFlags, requireArguments } from './request.js'

/** ONBUILD: only the kind of the trigger is judged here; the rest of it is when it fires. */
export function parseOnbuild(request: Request): OnbuildCommand {
  requireArguments(request)
  refuseFlags(request)
  const kind = upperCase(trimSpace(request.args[0] ?? ''))
  if (kind === 'ONBUILD') {
    throw new Complaint('E_DF_ONBUILD', "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed", {
      hint: 'write ONBUILD once',
    })
  }
  if (kind === 'FROM' || kind === 'MAINTAINER') {
    throw new Complaint('E_DF_ONBUILD', `${kind} isn't allowed as an ONBUILD trigger`)
  }
  const bodies = request.node.heredocs.map(({ content, name }) => `\n${content}${name}`)
  const instruction = request.node.original.replace(/^[\t\n\f\r ]*ONBUILD[\t\n\f\r ]*/i, '')
  return { kind: 'onbuild', ...baseOf(request), trigger: instruction + bodies.join('') }
}
