import type { EnvCommand } from './commands.js'
import { keyValues } from './key-values.js'
import { baseOf, type Request } from './request.js'

export function parseEnv(request: Request): EnvCommand {
  return { kind: 'env', ...baseOf(request), pairs: keyValues(request) }
}
