import type { LabelCommand } from './commands.js'
import { keyValues } from './key-values.js'
import { baseOf, type Request } from './request.js'

export function parseLabel(request: Request): LabelCommand {
  return { kind: 'label', ...baseOf(request), pairs: keyValues(request) }
}
