import type { StopsignalCommand } from './commands.js'
import { baseOf, onlyArgument, type Request } from './request.js'

/** Flags before the signal are accepted and mean nothing, as BuildKit has it. */
export function parseStopsignal(request: Request): StopsignalCommand {
  return { kind: 'stopsignal', ...baseOf(request), signal: onlyArgument(request) }
}
