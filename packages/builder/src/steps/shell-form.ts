import type { CommandLine } from '../instructions/commands.js'
import type { StepContext } from './step-context.js'

/** The shell that runs a shell form: that of SHELL, else the default of the operating system. */
function shellOf(context: StepContext): readonly string[] {
  const shell = context.config.Shell
  if (shell !== undefined && shell.length > 0) return shell
  return context.os === 'windows' ? ['cmd', '/S', '/C'] : ['/bin/sh', '-c']
}

/** The arguments of a CMD or ENTRYPOINT: a shell form becomes one argument behind the shell. */
export function commandArguments(command: CommandLine, context: StepContext): readonly string[] {
  return command.shell ? withShell(command.args, context) : command.args
}

/** The arguments joined to one, behind the shell. */
export function withShell(args: readonly string[], context: StepContext): readonly string[] {
  return [...shellOf(context), args.join(' ')]
}
