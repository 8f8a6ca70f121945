import { CooperageError } from '@cooperage/store'
import { chompHeredoc, parseHeredocMark } from '../dockerfile/heredoc.js'
import type { CommandLine, RunCommand } from '../instructions/commands.js'
import type { InlineFile } from '../plan/plan.js'
import type { Effect } from './effect.js'
import { proxyVariables } from './proxy-variables.js'
import { runMount } from './run-mount.js'
import { withShell } from './shell-form.js'
import type { StepContext } from './step-context.js'
import { stepText } from './step-text.js'

/** RUN: what to run and how, with words left to the shell; only mounts are expanded. */
export function run(command: RunCommand, context: StepContext): Effect {
  const { args, script } = commandLine(command.command, context)
  if (args.length === 0) {
    throw new CooperageError('E_DF_ARGS', 'arguments are required', {
      location: context.location,
      hint: 'an empty list runs nothing: write the program to run',
    })
  }
  const mounts = command.mounts.map((mount) => runMount(mount, context))
  if (command.devices.length > 0) {
    throw new CooperageError(
      'E_DF_FLAG',
      'device feature is only supported in Dockerfile frontend 1.14.0-labs or later',
      { location: context.location, hint: 'remove --device', data: { flag: 'device' } },
    )
  }
  const env = [...context.variables].map(([name, value]) => `${name}=${value}`)
  const proxyEnv = proxyVariables(context.buildArgs)
  refuseNul(args, [...env, ...proxyEnv], context)
  return {
    operation: {
      kind: 'run',
      args,
      env,
      proxyEnv,
      user: context.config.User ?? '',
      workdir: context.workdir,
      mounts,
      ...(script && { script }),
      network: command.network,
      security: command.security,
      devices: command.devices,
      text: stepText(command),
      location: context.location,
    },
    history: ['RUN', ...argumentsPrefix(context), ...args, '# buildkit'].join(' '),
  }
}

/** To execve(2) a NUL is the end of a text: a process would get less than was written, and be another one. */
function refuseNul(args: readonly string[], env: readonly string[], { location }: StepContext): void {
  const index = args.findIndex((text) => text.includes('\0'))
  const variable = env.find((text) => text.includes('\0'))
  if (index === -1 && variable === undefined) return
  const what =
    index === -1
      ? `the variable ${JSON.stringify(variable!.split('=', 1)[0])}`
      : `word ${index + 1} of the command, ${JSON.stringify(args[index])},`
  throw new CooperageError('E_DF_ARGS', `${what} has a NUL byte, which no process can be given`, {
    location,
    hint: 'remove it; a program can make one for itself, as printf does of \\0',
  })
}

/** `|2 A=1 B=2`: the ARGs in scope, each once where it came first, with the values that RUN sees. */
function argumentsPrefix(context: StepContext): readonly string[] {
  const values = new Map<string, string>()
  for (const { key, value } of context.args) values.set(key, context.variables.get(key) ?? value ?? '')
  return values.size === 0 ? [] : [`|${values.size}`, ...[...values].map(([k, v]) => `${k}=${v}`)]
}

function commandLine(
  command: CommandLine,
  context: StepContext,
): { args: readonly string[]; script?: InlineFile } {
  const [first] = command.heredocs
  if (!command.shell) return { args: command.args }
  if (first === undefined) return { args: withShell(command.args, context) }
  const text = command.args.join(' ')
  if (parseHeredocMark(text) === undefined) {
    // Several here-documents, or one with words around it, are the shell's to read: it gets them as written.
    const bodies = command.heredocs.map(({ content, name }) => `\n${content}${name}`)
    return { args: withShell([text + bodies.join('')], context) }
  }
  const content = first.chomp ? chompHeredoc(first.content) : first.content
  // Tabs are taken away first, since Dockerfile 1.21.
  if (context.os === 'windows' || !content.startsWith('#!')) return { args: withShell([content], context) }
  return {
    args: withShell([`/dev/pipes/${first.name}`], context),
    script: { name: first.name, content },
  }
}
