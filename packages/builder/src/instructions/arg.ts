import type { ArgCommand, ArgDeclaration } from './commands.js'
import { descriptionOf } from './description.js'
import { blankName } from './key-values.js'
import { baseOf, type Request, requireArguments } from './request.js'

/** Flags before the names are accepted and mean nothing, as BuildKit has it. */
export function parseArg(request: Request): ArgCommand {
  requireArguments(request)
  return { kind: 'arg', ...baseOf(request), args: request.args.map((word) => declaration(word, request)) }
}

function declaration(word: string, request: Request): ArgDeclaration {
  const equals = word.indexOf('=')
  if (equals === 0) throw blankName(request.name)
  const key = equals < 0 ? word : word.slice(0, equals)
  const description = descriptionOf(key, request.node.comments)
  return { key, description, ...(equals < 0 ? {} : { value: word.slice(equals + 1) }) }
}
