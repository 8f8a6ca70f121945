import { Complaint } from '../dockerfile/complaint.js'
import { trimSpace } from '../dockerfile/go-text.js'
import type { VolumeCommand } from './commands.js'
import { baseOf, type Request, refuseFlags, requireArguments } from './request.js'

export function parseVolume(request: Request): VolumeCommand {
  requireArguments(request)
  refuseFlags(request)
  const volumes = request.args.map(trimSpace)
  if (volumes.includes('')) {
    throw new Complaint('E_DF_SYNTAX', 'VOLUME specified can not be an empty string', {
      hint: 'write an absolute path, or leave the empty one out',
    })
  }
  return { kind: 'volume', ...baseOf(request), volumes }
}
