import type { CommandLine } from './commands.js'
import type { Request } from './request.js'

/** The command of RUN, CMD and ENTRYPOINT. Without any argument `args` is empty. */
export function commandLine(request: Request): CommandLine {
  const { json, heredocs } = request.node
  return { shell: !json, args: commandArguments(request.args, json), heredocs }
}

/** The items of a JSON array, or the one text of the shell form. */
export function commandArguments(args: readonly string[], json: boolean): readonly string[] {
  return json || args.length === 0 ? args : [args.join(' ')]
}
