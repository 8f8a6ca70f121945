import { compareText } from '../dockerfile/go-text.js'
import type { ExposeCommand } from './commands.js'
import { baseOf, type Request, refuseFlags, requireArguments } from './request.js'

/** Ports sorted as text, so that their order in the file does not reach the image. */
export function parseExpose(request: Request): ExposeCommand {
  requireArguments(request)
  refuseFlags(request)
  return { kind: 'expose', ...baseOf(request), ports: [...request.args].sort(compareText) }
}
